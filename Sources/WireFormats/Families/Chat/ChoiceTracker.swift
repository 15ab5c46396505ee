/// The choices of a stream, and those that have their `finish_reason`.
struct ChoiceTracker {
    /// Far above any provider's limit for `n`; it bounds the memory.
    static let limit: Int64 = 1024

    private var seen: [UInt64] = []
    private var finished: [UInt64] = []
    // The first 64, in practice all, without an array.
    private var firstSeen: UInt64 = 0
    private var firstFinished: UInt64 = 0

    /// Whether the stream has a choice, and every choice has finished.
    var isComplete: Bool {
        firstSeen | (seen.first { $0 != 0 } ?? 0) != 0 && firstSeen == firstFinished && seen == finished
    }

    /// Records a choice. `index` is in `0..<limit`.
    @inline(__always)
    mutating func record(_ index: Int64, isFinished: Bool) {
        if index < 64 {
            firstSeen |= 1 &<< UInt64(index)
            if isFinished { firstFinished |= 1 &<< UInt64(index) }
        } else {
            recordHigh(index, isFinished: isFinished)
        }
    }

    private mutating func recordHigh(_ index: Int64, isFinished: Bool) {
        if seen.isEmpty {
            seen = Array(repeating: 0, count: Int(Self.limit / 64))
            finished = seen
        }
        let (word, bit) = (Int(index / 64), UInt64(index % 64))
        seen[word] |= 1 << bit
        if isFinished { finished[word] |= 1 << bit }
    }
}
