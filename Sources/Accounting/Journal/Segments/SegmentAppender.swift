import Synchronization

/// The writing side of a segment: belongs to an event loop.
///
/// Each open intent reserves the space of its end, so that an end always fits, and a segment is complete by itself.
final class SegmentAppender {
    let segment: JournalSegment
    private var end: Int
    private var reserved = 0
    /// The intents without an end.
    private(set) var openIntents = 0
    private var isSealed = false

    /// - Parameter segment: without records.
    init(_ segment: JournalSegment) {
        self.segment = segment
        end = segment.committed.load(ordering: .relaxed)
    }

    /// What is neither written nor reserved.
    var free: Int { segment.capacity - end - reserved }

    /// Appends an intent, and reserves `reserve` bytes for its end.
    /// - Returns: the offset; nil if there is not enough space.
    func appendIntent(
        payloadBytes: Int, reserve: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Int? {
        guard JournalRecord.size(payloadBytes: payloadBytes) + reserve <= free else { return nil }
        reserved += reserve
        openIntents += 1
        return append(.intent, intentOffset: 0, payloadBytes: payloadBytes, fill)
    }

    /// Appends the end of the intent at `intentOffset`, in the space that it had reserved and what else is free.
    /// - Returns: whether it fits. An end without payload always does.
    func appendEnd(
        _ kind: JournalRecord.Kind, of intentOffset: Int, reserved reserve: Int, payloadBytes: Int = 0,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void = { _ in }
    ) -> Bool {
        guard JournalRecord.size(payloadBytes: payloadBytes) <= free + reserve else { return false }
        reserved -= reserve
        openIntents -= 1
        _ = append(kind, intentOffset: intentOffset, payloadBytes: payloadBytes, fill)
        finishIfDone()
        return true
    }

    /// Appends a final entry that has no intent in this segment.
    func appendFinal(payloadBytes: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        guard JournalRecord.size(payloadBytes: payloadBytes) <= free else { return false }
        _ = append(.final, intentOffset: 0, payloadBytes: payloadBytes, fill)
        return true
    }

    /// The payload of the record at `offset`.
    func payload(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: segment.base + offset + JournalRecord.headerBytes, count: count)
    }

    /// No further intent will come.
    func seal() {
        isSealed = true
        finishIfDone()
    }

    private func finishIfDone() {
        if isSealed, openIntents == 0 { segment.isFinished.store(true, ordering: .releasing) }
    }

    private func append(
        _ kind: JournalRecord.Kind, intentOffset: Int, payloadBytes: Int,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Int {
        let offset = end
        fill(
            UnsafeMutableRawBufferPointer(
                start: segment.base + offset + JournalRecord.headerBytes, count: payloadBytes))
        JournalRecord.seal(
            kind, intentOffset: intentOffset, payloadBytes: payloadBytes, at: offset, in: segment.base,
            seed: segment.seed)
        end += JournalRecord.size(payloadBytes: payloadBytes)
        segment.committed.store(end, ordering: .releasing)
        return offset
    }
}
