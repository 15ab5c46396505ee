import GatewayCore

/// Finds the rows in the segments that an event loop of a former run left. A value: bytes in, entries out.
///
/// A final entry wins over its intent. What has no end when all segments have been read is a row as the intent says.
struct SeriesReplay {
    /// What was found in a segment.
    struct Found {
        /// The final entries that are not marked as applied, in their order.
        var entries: [LedgerEntry] = []
        /// Where the records end without an end, and how many bytes follow that are not zero.
        var cut: (offset: Int, bytes: Int)?
        /// Records with the right checksum that this gateway cannot read.
        var unreadable: [Int] = []
    }

    /// The intents without an end so far. An intent that was moved is one of them: only an end in a later segment says
    /// that the copy there is on the disk.
    private var open: [LedgerEntry.ID: LedgerEntry] = [:]

    /// The rows of the attempts whose end the former run did not see, by the time of their start.
    var crashed: [LedgerEntry] {
        open.values.sorted { ($0.startedAt, $0.id.requestID) < ($1.startedAt, $1.id.requestID) }
    }

    /// Reads the next segment of the series.
    mutating func read(_ segment: UnsafeRawBufferPointer) -> Found {
        var found = Found()
        var intents: [Int: LedgerEntry] = [:]
        let applied = AppliedMark.read(segment)
        var records = JournalRecords(segment, seed: SegmentHeader.checksum(of: segment))
        while let record = records.next() {
            do throws(LedgerEntryCodec.DecodingError) {
                switch record.kind {
                case .intent: intents[record.offset] = try LedgerEntryCodec.decode(record.payload)
                case .final:
                    let entry = try LedgerEntryCodec.decode(record.payload)
                    intents[record.intentOffset] = nil
                    open[entry.id] = nil
                    if record.offset >= applied { found.entries.append(entry) }
                case .cancelled:
                    guard let entry = intents.removeValue(forKey: record.intentOffset) else { continue }
                    open[entry.id] = nil
                case .moved: break
                }
            } catch {
                found.unreadable.append(record.offset)
            }
        }
        for entry in intents.values { open[entry.id] = entry }
        if let rest = Self.endOfData(segment, from: records.offset) {
            found.cut = (records.offset, rest - records.offset)
        }
        return found
    }

    /// The end of the last byte from `start` that is not zero; nil if there is none. By words, since most of a segment
    /// is zeros, and a gateway that crashes again and again has many segments to look at.
    private static func endOfData(_ segment: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var end = segment.count
        let word = MemoryLayout<UInt64>.size
        while end - word >= start, segment.loadUnaligned(fromByteOffset: end - word, as: UInt64.self) == 0 {
            end -= word
        }
        while end > start, segment[end - 1] == 0 { end -= 1 }
        return end > start ? end : nil
    }
}
