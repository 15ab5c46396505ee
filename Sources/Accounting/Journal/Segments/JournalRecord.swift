import CRC32C

/// A record of a segment. Records begin at multiples of eight, with 16 bytes, little-endian: the length of the record
/// with these bytes, the checksum, the kind, and the offset of the intent that the record is about.
///
/// The checksum continues that of the segment's header, and covers the record's offset and length, so that the remains
/// of another file or another place are never taken for a record.
struct JournalRecord {
    enum Kind: UInt32 {
        /// An entry as it stands if the gateway crashes.
        case intent = 1
        /// The entry at the attempt's end.
        case final = 2
        /// The attempt was never made: there is no row. No payload.
        case cancelled = 3
        /// The intent stands in a later segment too, where its end will be. No payload.
        case moved = 4
    }

    static let headerBytes = 16
    static let alignment = 8

    let offset: Int
    let kind: Kind
    /// Of the intent in the same segment; 0 if the record is an intent, or has none in its segment.
    let intentOffset: Int
    let payload: UnsafeRawBufferPointer

    /// The space that a record with `payloadBytes` takes.
    static func size(payloadBytes: Int) -> Int {
        (headerBytes + payloadBytes + alignment - 1) & ~(alignment - 1)
    }

    /// Completes the record at `offset`, whose payload is written already. Its length is written last.
    static func seal(
        _ kind: Kind, intentOffset: Int, payloadBytes: Int, at offset: Int, in segment: UnsafeMutableRawPointer,
        seed: UInt32
    ) {
        let record = segment + offset
        let length = UInt32(truncatingIfNeeded: headerBytes + payloadBytes)
        record.storeBytes(of: kind.rawValue.littleEndian, toByteOffset: 8, as: UInt32.self)
        record.storeBytes(
            of: UInt32(truncatingIfNeeded: intentOffset).littleEndian, toByteOffset: 12, as: UInt32.self)
        let checksum = checksum(of: UnsafeRawPointer(record), length: length, offset: offset, seed: seed)
        let start = UInt64(checksum) << 32 | UInt64(length)
        record.storeBytes(of: start.littleEndian, toByteOffset: 0, as: UInt64.self)
    }

    fileprivate static func checksum(
        of record: UnsafeRawPointer, length: UInt32, offset: Int, seed: UInt32
    ) -> UInt32 {
        let place = (UInt64(truncatingIfNeeded: offset) << 32 | UInt64(length)).littleEndian
        let start = withUnsafeBytes(of: place) { crc32c(seed, $0.baseAddress, 8) }
        return crc32c(start, record + 8, Int(length) - 8)
    }
}

/// The records of a segment, in their order. Reads no byte outside the segment, whatever it contains.
struct JournalRecords: Sequence, IteratorProtocol {
    /// Why there is no further record.
    enum End: Equatable {
        /// The records end properly.
        case complete
        /// What follows `offset` is no record: it was not written completely, or is damaged.
        case torn
    }

    private let segment: UnsafeRawBufferPointer
    /// Nil to trust the records, as those of this process.
    private let seed: UInt32?
    /// Where the next record begins.
    private(set) var offset: Int
    private(set) var end: End?

    /// - Parameters:
    ///   - segment: from its header on.
    ///   - offset: where a record begins.
    ///   - seed: the header's checksum; nil if the records need no check.
    init(_ segment: UnsafeRawBufferPointer, from offset: Int = SegmentHeader.bytes, seed: UInt32?) {
        self.segment = segment
        self.seed = seed
        self.offset = offset
    }

    mutating func next() -> JournalRecord? {
        guard end == nil else { return nil }
        guard offset <= segment.count - JournalRecord.headerBytes else { return finish(.complete) }
        let length = word(offset)
        if length == 0 { return finish(.complete) }
        guard length >= JournalRecord.headerBytes, Int(length) <= segment.count - offset,
            let kind = JournalRecord.Kind(rawValue: word(offset + 8)), let base = segment.baseAddress
        else { return finish(.torn) }
        if let seed {
            let wanted = JournalRecord.checksum(of: base + offset, length: length, offset: offset, seed: seed)
            guard word(offset + 4) == wanted else { return finish(.torn) }
        }
        let record = JournalRecord(
            offset: offset, kind: kind, intentOffset: Int(word(offset + 12)),
            payload: UnsafeRawBufferPointer(
                rebasing: segment[(offset + JournalRecord.headerBytes)..<(offset + Int(length))]))
        offset += JournalRecord.size(payloadBytes: record.payload.count)
        return record
    }

    private mutating func finish(_ end: End) -> JournalRecord? {
        self.end = end
        return nil
    }

    private func word(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: segment.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
