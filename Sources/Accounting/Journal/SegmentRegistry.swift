import Synchronization

/// The segments of this run, and the space that they and those of former runs take.
final class SegmentRegistry: Sendable {
    /// The segments of an event loop, the oldest first; the last may be one that is only prepared.
    struct Series {
        let channel: WriterChannel
        var segments: [JournalSegment] = []
        var nextSequence: UInt64
    }

    private struct State {
        var series: [Series] = []
        var formerBytes = 0
        var firstSequence: UInt64 = 1
    }

    private let state = Mutex(State())

    var series: [Series] { state.withLock { $0.series } }

    /// The size of all segments.
    var usedBytes: Int {
        state.withLock { state in
            state.series.reduce(state.formerBytes) { $0 + $1.segments.reduce(0) { $0 + $1.capacity } }
        }
    }

    /// The records of this run that are not applied.
    var pendingBytes: Int {
        series.reduce(0) { sum, series in
            series.segments.reduce(sum) {
                $0 + $1.committed.load(ordering: .relaxed) - $1.applied.load(ordering: .relaxed)
            }
        }
    }

    /// - Parameter make: with the number of the series.
    func addSeries(_ make: (UInt32) -> WriterChannel) -> WriterChannel {
        state.withLock { state in
            let channel = make(UInt32(truncatingIfNeeded: state.series.count))
            state.series.append(Series(channel: channel, nextSequence: state.firstSequence))
            return channel
        }
    }

    /// What former runs left.
    func setFormer(bytes: Int, lastSequence: UInt64) {
        state.withLock { state in
            state.formerBytes = bytes
            state.firstSequence = lastSequence + 1
            for index in state.series.indices { state.series[index].nextSequence = lastSequence + 1 }
        }
    }

    func removeFormer(bytes: Int) {
        state.withLock { $0.formerBytes -= bytes }
    }

    func nextSequence(of loop: UInt32) -> UInt64 {
        state.withLock { state in
            defer { state.series[Int(loop)].nextSequence += 1 }
            return state.series[Int(loop)].nextSequence
        }
    }

    func add(_ segment: JournalSegment, to loop: UInt32) {
        state.withLock { $0.series[Int(loop)].segments.append(segment) }
    }

    func removeFirst(of loop: UInt32) {
        state.withLock { state in
            _ = state.series[Int(loop)].segments.removeFirst()
        }
    }
}
