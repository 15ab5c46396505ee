/// Which choices of a stream were seen, and which have their `finish_reason`.
struct ChoiceTracker {
    /// Far above what any provider allows for `n`; keeps the memory bounded.
    static let limit: Int64 = 1024

    private var seen: [UInt64] = []
    private var finished: [UInt64] = []
    // The first 64, which is all of them in practice, without an array.
    private var firstSeen: UInt64 = 0
    private var firstFinished: UInt64 = 0

    /// Whether there was a choice, and every one has finished.
    var isComplete: Bool {
        firstSeen | (seen.first { $0 != 0 } ?? 0) != 0 && firstSeen == firstFinished && seen == finished
    }

    /// Notes a choice. `index` is in `0..<limit`.
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
