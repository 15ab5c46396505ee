public import GatewayCore

/// The form of a ledger entry in the journal: 112 bytes of codes and numbers, little-endian, then the texts, each with
/// its length. It depends on the entry alone, so a record is readable without any other.
///
/// Version 1. The first byte is the version; a change of the form gets another one, and its reader stays for as long as
/// an older gateway may have left a journal.
public enum LedgerEntryCodec {
    /// Why an entry cannot be written.
    public enum EncodingError: Error, Sendable, Equatable {
        /// A text has more than 65,535 bytes, or there are more than 255 tags.
        case tooLong
    }

    /// Why bytes are not an entry.
    public enum DecodingError: Error, Sendable, Equatable {
        /// The bytes end within the entry.
        case truncated
        /// There are bytes after the end of the entry.
        case trailingBytes
        case unknownVersion(UInt8)
        /// A code, a flag or a text that version 1 does not have.
        case invalid(field: String)
    }

    static let version: UInt8 = 1
    /// The numbers before the texts.
    static let fixedBytes = 112

    /// The size of `entry` when it is encoded.
    public static func size(of entry: LedgerEntry) throws(EncodingError) -> Int {
        var sizer = TextSizer()
        visitTexts(of: entry, &sizer)
        guard !sizer.isTooLong, entry.tags.count <= 255 else { throw .tooLong }
        return fixedBytes + sizer.bytes
    }

    /// The bytes of `entry`.
    public static func encode(_ entry: LedgerEntry) throws(EncodingError) -> [UInt8] {
        let size = try size(of: entry)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            encode(entry, into: UnsafeMutableRawBufferPointer(buffer))
            count = size
        }
    }

    /// Writes `entry` to `bytes`, which must be as long as `size(of:)` says.
    static func encode(_ entry: LedgerEntry, into bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= fixedBytes, "the size is that of the entry")
        bytes[0] = version
        bytes[1] = Codes.code(of: entry.operation)
        bytes[2] = Codes.code(of: entry.endReason)
        bytes[3] = Codes.code(of: entry.usageSource)
        bytes[4] = Codes.code(of: entry.pricing)
        bytes[5] = Flags(of: entry).rawValue
        bytes[6] = UInt8(truncatingIfNeeded: entry.tags.count)
        bytes[7] = 0
        let classes = entry.classes
        store(Int64(entry.id.attempt), bytes, 8)
        store(classes.inputUncached, bytes, 16)
        store(classes.inputCacheRead, bytes, 24)
        store(classes.inputCacheWrite, bytes, 32)
        store(classes.inputAudio, bytes, 40)
        store(classes.outputText, bytes, 48)
        store(classes.outputReasoning, bytes, 56)
        store(classes.outputAudio, bytes, 64)
        store(entry.hold.nanodollars, bytes, 72)
        store(entry.cost.nanodollars, bytes, 80)
        store(entry.admittedAt, bytes, 88)
        store(entry.startedAt, bytes, 96)
        store(entry.endedAt ?? 0, bytes, 104)
        var writer = TextWriter(bytes: bytes, position: fixedBytes)
        visitTexts(of: entry, &writer)
    }

    private static func store(_ value: Int64, _ bytes: UnsafeMutableRawBufferPointer, _ offset: Int) {
        bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Int64.self)
    }

    /// The texts in their order; absent ones are left out, which the flags tell.
    private static func visitTexts(of entry: LedgerEntry, _ visitor: inout some TextVisitor) {
        visitor.visit(entry.id.requestID)
        visitor.visit(entry.replicaID)
        visitor.visit(entry.caller.keyID)
        visitor.visit(entry.caller.keyPublicID)
        if let userID = entry.caller.userID { visitor.visit(userID) }
        if let teamID = entry.caller.teamID { visitor.visit(teamID) }
        visitor.visit(entry.requestedModel)
        visitor.visit(entry.resolvedModel)
        visitor.visit(entry.provider)
        visitor.visit(entry.route)
        visitor.visit(entry.upstreamModel)
        if let session = entry.client.session { visitor.visit(session) }
        if let agent = entry.client.agent { visitor.visit(agent) }
        if let client = entry.client.client { visitor.visit(client) }
        if case .unpriced(let reason) = entry.pricing { visitor.visit(reason) }
        if let price = entry.price {
            if let pricingID = price.pricingID { visitor.visit(pricingID) }
            visitor.visit(price.rates)
            visitor.visit(price.provenance)
        }
        for tag in entry.tags {
            visitor.visit(tag.key)
            visitor.visit(tag.value)
        }
    }
}

private protocol TextVisitor {
    mutating func visit(_ text: String)
}

private struct TextSizer: TextVisitor {
    var bytes = 0
    var isTooLong = false

    mutating func visit(_ text: String) {
        let count = text.utf8.count
        if count > UInt16.max { isTooLong = true }
        bytes += 2 + count
    }
}

private struct TextWriter: TextVisitor {
    let bytes: UnsafeMutableRawBufferPointer
    var position: Int

    mutating func visit(_ text: String) {
        let count = text.utf8.count
        precondition(count <= UInt16.max && position + 2 + count <= bytes.count, "the size is that of the entry")
        bytes.storeBytes(of: UInt16(truncatingIfNeeded: count).littleEndian, toByteOffset: position, as: UInt16.self)
        position += 2
        let target = UnsafeMutableRawBufferPointer(rebasing: bytes[position..<position + count])
        let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable {
            target.copyMemory(from: UnsafeRawBufferPointer($0))
        }
        if isCopied == nil { target.copyBytes(from: text.utf8) }
        position += count
    }
}
