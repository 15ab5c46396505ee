import GatewayCore
import Synchronization

/// Final entries of the segments of this run, and how far the segments are applied once they are.
struct AppliedBatch {
    private(set) var entries: [LedgerEntry] = []
    private var ends: [(segment: JournalSegment, end: Int)] = []

    /// Whether nothing has been written since the last batch.
    var isEmpty: Bool { ends.isEmpty }

    /// When the first of its attempts ended, in microseconds since 1970; nil without entries.
    var oldest: Int64? { entries.lazy.map { $0.endedAt ?? $0.startedAt }.min() }

    /// Reads at most `limit` entries, from the oldest segment of each loop on.
    /// - Parameter first: the position of the loop to begin with, so that a busy one does not keep others waiting.
    init(_ series: [SegmentRegistry.Series], limit: Int, beginningWith first: Int) {
        guard !series.isEmpty else { return }
        for position in series.indices {
            for segment in series[(first + position) % series.count].segments {
                read(segment, limit)
                guard entries.count < limit else { return }
            }
        }
    }

    private mutating func read(_ segment: JournalSegment, _ limit: Int) {
        let start = segment.applied.load(ordering: .relaxed)
        let bytes = segment.bytes
        guard bytes.count > start else { return }
        var records = JournalRecords(bytes, from: start, seed: nil)
        while entries.count < limit, let record = records.next() {
            // What this process has written is readable.
            guard record.kind == .final, let entry = try? LedgerEntryCodec.decode(record.payload) else { continue }
            entries.append(entry)
        }
        ends.append((segment, records.offset))
    }

    /// The entries are on the database's disk.
    /// - Returns: whether a segment can be removed now.
    func markApplied() -> Bool {
        var canRemove = false
        for (segment, end) in ends {
            segment.applied.store(end, ordering: .relaxed)
            AppliedMark.write(end, to: segment.base)
            if segment.isApplied { canRemove = true }
        }
        return canRemove
    }
}
