import Dispatch
import Synchronization

/// The queue of lines between the loggers and the `LogWriter`: bounded, and emptied in batches.
final class LogQueue: Sendable {
    private struct State {
        var pending: [UInt8] = []
        /// The bytes of the batch that the writer has; they count against the capacity.
        var inFlight = 0
        var dropped = 0
        var isClosed = false
        var isWriterAsleep = false
        var flushes: [DispatchSemaphore] = []
    }

    /// The lines of one write.
    struct Batch {
        let bytes: [UInt8]
        /// The lines dropped since the previous batch, all of them newer than the batch's.
        let dropped: Int
    }

    private let capacity: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    init(capacity: Int) {
        self.capacity = capacity
    }

    func append(_ lines: UnsafeRawBufferPointer) {
        let mustWake = state.withLock { state in
            guard state.pending.count + state.inFlight + lines.count <= capacity else {
                state.dropped += lines.lineCount
                return false
            }
            state.pending.append(contentsOf: lines)
            guard state.isWriterAsleep else { return false }
            state.isWriterAsleep = false
            return true
        }
        if mustWake { wake.signal() }
    }

    /// Waits until there are lines to write, then a little longer, for more lines.
    ///
    /// - Parameter emptied: The array of the previous batch, whose memory is reused.
    /// - Returns: nil once the queue is closed and empty.
    func nextBatch(reusing emptied: consuming [UInt8], gatheringFor milliseconds: Int) -> Batch? {
        let mayGather = waitForLines()
        if mayGather { _ = wake.wait(timeout: .now() + .milliseconds(milliseconds)) }
        return state.withLock { state in
            if state.isClosed, state.pending.isEmpty { return nil }
            let batch = Batch(bytes: state.pending, dropped: state.dropped)
            state.pending = emptied
            state.inFlight = batch.bytes.count
            state.dropped = 0
            return batch
        }
    }

    /// The batch is written, except for `lost` of its lines.
    func finishBatch(lost: Int) {
        let flushes = state.withLock { state in
            state.inFlight = 0
            state.dropped += lost
            guard state.pending.isEmpty else { return [DispatchSemaphore]() }
            defer { state.flushes = [] }
            return state.flushes
        }
        for flush in flushes { flush.signal() }
    }

    func flush(within timeout: Duration) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let isEmpty = state.withLock { state in
            guard !state.pending.isEmpty || state.inFlight > 0 else { return true }
            state.flushes.append(done)
            state.isWriterAsleep = false
            return false
        }
        if isEmpty { return true }
        wake.signal()
        let (seconds, attoseconds) = timeout.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        return done.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.isWriterAsleep = false
        }
        wake.signal()
    }

    /// - Returns: Whether the writer may gather more lines: no flush waits and the queue is open.
    private func waitForLines() -> Bool {
        while true {
            let mayProceed: Bool? = state.withLock { state in
                if state.isClosed || !state.flushes.isEmpty { return false }
                guard state.pending.isEmpty else { return true }
                state.isWriterAsleep = true
                return nil
            }
            if let mayProceed { return mayProceed }
            wake.wait()
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The number of lines that end within these bytes.
    var lineCount: Int {
        reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }
}
