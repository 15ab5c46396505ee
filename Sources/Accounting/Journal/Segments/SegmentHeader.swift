import CRC32C

/// The first 256 bytes of a segment: which database, run of a gateway and event loop it belongs to.
///
/// | offset | bytes | content, little-endian |
/// | --- | --- | --- |
/// | 0 | 8 | `SLUICEJL` |
/// | 8 | 4 | version of the form |
/// | 12 | 4 | event loop |
/// | 16 | 8 | position in the series of the loop |
/// | 24 | 8 | size of the file |
/// | 32 | 64 | id of the database: length, then text |
/// | 96 | 64 | id of the gateway's run: length, then text |
/// | 244 | 4 | CRC-32C of all before |
/// | 248 | 8 | how far the records have been applied, and its complement; see `AppliedMark` |
struct SegmentHeader: Sendable, Hashable {
    static let bytes = 256
    static let version: UInt32 = 1
    static let maxTextBytes = 63
    private static let magic = "SLUICEJL"
    private static let checksumOffset = 244

    let databaseID: String
    let replicaID: String
    let loop: UInt32
    let sequence: UInt64
    let fileBytes: Int

    /// Why bytes are not a header that this gateway reads.
    enum ReadingError: Error, Equatable {
        /// They are damaged, or no segment's.
        case damaged
        case unknownVersion(UInt32)
    }

    /// The header in its form, with nothing applied.
    ///
    /// Texts of more than 63 bytes are cut; `Journal` refuses them before.
    func encoded() -> [UInt8] {
        var header = [UInt8](repeating: 0, count: Self.bytes)
        header.withUnsafeMutableBytes { header in
            header.copyBytes(from: Self.magic.utf8)
            header.storeBytes(of: Self.version.littleEndian, toByteOffset: 8, as: UInt32.self)
            header.storeBytes(of: loop.littleEndian, toByteOffset: 12, as: UInt32.self)
            header.storeBytes(of: sequence.littleEndian, toByteOffset: 16, as: UInt64.self)
            header.storeBytes(of: UInt64(fileBytes).littleEndian, toByteOffset: 24, as: UInt64.self)
            Self.store(databaseID, header, 32)
            Self.store(replicaID, header, 96)
            let checksum = crc32c(0, header.baseAddress, Self.checksumOffset)
            header.storeBytes(of: checksum.littleEndian, toByteOffset: Self.checksumOffset, as: UInt32.self)
        }
        return header
    }

    /// Reads the header at the start of a segment.
    init(_ segment: UnsafeRawBufferPointer) throws(ReadingError) {
        guard segment.count >= Self.bytes, segment.prefix(8).elementsEqual(Self.magic.utf8) else { throw .damaged }
        // The version first: another version may have its checksum elsewhere.
        let version = UInt32(littleEndian: segment.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        guard version == Self.version else { throw .unknownVersion(version) }
        guard Self.checksum(of: segment) == crc32c(0, segment.baseAddress, Self.checksumOffset) else { throw .damaged }
        guard let databaseID = Self.text(segment, 32), let replicaID = Self.text(segment, 96),
            let fileBytes = Int(
                exactly: UInt64(littleEndian: segment.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
        else { throw .damaged }
        self.init(
            databaseID: databaseID, replicaID: replicaID,
            loop: UInt32(littleEndian: segment.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
            sequence: UInt64(littleEndian: segment.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            fileBytes: fileBytes)
    }

    init(databaseID: String, replicaID: String, loop: UInt32, sequence: UInt64, fileBytes: Int) {
        self.databaseID = databaseID
        self.replicaID = replicaID
        self.loop = loop
        self.sequence = sequence
        self.fileBytes = fileBytes
    }

    /// The checksum that a header has, with which those of the records begin.
    static func checksum(of header: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(littleEndian: header.loadUnaligned(fromByteOffset: checksumOffset, as: UInt32.self))
    }

    private static func store(_ text: String, _ header: UnsafeMutableRawBufferPointer, _ offset: Int) {
        let bytes = text.utf8.prefix(maxTextBytes)
        header[offset] = UInt8(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: header[(offset + 1)...]).copyBytes(from: bytes)
    }

    private static func text(_ header: UnsafeRawBufferPointer, _ offset: Int) -> String? {
        let count = Int(header[offset])
        guard count <= maxTextBytes else { return nil }
        return String(validating: header[(offset + 1)..<(offset + 1 + count)], as: UTF8.self)
    }
}

/// How far the records of a segment have been applied, in its header, so that a start does not apply them again.
///
/// It is written after the rows are on the disk, so it may be behind, and never ahead. It is no part of the checksum;
/// the complement in the upper half tells it from damage.
enum AppliedMark {
    private static let offset = SegmentHeader.bytes - 8

    static func write(_ end: Int, to segment: UnsafeMutableRawPointer) {
        let low = UInt32(truncatingIfNeeded: end)
        let mark = UInt64(~low) << 32 | UInt64(low)
        segment.storeBytes(of: mark.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// The end of the first records if nothing, or nothing readable, is marked.
    static func read(_ segment: UnsafeRawBufferPointer) -> Int {
        let mark = UInt64(littleEndian: segment.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let (low, high) = (UInt32(truncatingIfNeeded: mark), UInt32(truncatingIfNeeded: mark >> 32))
        return low == ~high ? max(Int(low), SegmentHeader.bytes) : SegmentHeader.bytes
    }
}
