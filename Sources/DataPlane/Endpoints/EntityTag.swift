import NIOCore

/// The strong entity tag of an answer's bytes (RFC 9110, section 8.8.3).
struct EntityTag {
    /// With its quotes.
    let text: String

    /// FNV-1a over eight bytes at a time: it tells versions of one caller's list apart, and need not resist anyone.
    init(_ bytes: ByteBuffer) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var rest = bytes
        while let word = rest.readInteger(as: UInt64.self) { hash = (hash ^ word) &* 0x100_0000_01b3 }
        while let byte = rest.readInteger(as: UInt8.self) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        text = "\"\(String(hash, radix: 16))-\(bytes.readableBytes)\""
    }

    /// Whether one of the tags of `If-None-Match` is this one, by the weak comparison.
    func isListed(in tags: [Substring]) -> Bool {
        tags.contains { $0 == "*" || $0 == text || ($0.hasPrefix("W/") && $0.dropFirst(2) == text) }
    }
}
