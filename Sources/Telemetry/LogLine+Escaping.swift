/// Escapes text that could forge a log line or control a terminal.
extension LogLine {
    /// `text` with the escapes of a JSON string (RFC 8259, section 7) for all characters that do not print: C0 and C1
    /// control characters (ANSI escapes among them), DEL, line and paragraph separators, and the characters that change
    /// the direction of text.
    ///
    /// - Parameters:
    ///   - limit: The bytes of `text` to show; an ellipsis replaces the rest.
    ///   - quotes: Whether to escape quotation marks too.
    mutating func append(escaping text: String, limit: Int = .max, quotes: Bool = true) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            append(escaping: bytes, limit: limit, quotes: quotes)
        }
        if isDone != nil { return }
        Array(text.utf8).withUnsafeBufferPointer { append(escaping: $0, limit: limit, quotes: quotes) }
    }

    private mutating func append(escaping bytes: UnsafeBufferPointer<UInt8>, limit: Int, quotes: Bool) {
        var end = min(bytes.count, limit)
        while end < bytes.count, end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        var start = 0
        var index = 0
        while index < end {
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\"") || !quotes {
                index += 1
                continue
            }
            guard let (scalar, length) = Self.escapedScalar(in: bytes, at: index) else {
                index += 1
                continue
            }
            append(raw: bytes[start..<index])
            append(escapeOf: scalar)
            index += length
            start = index
        }
        append(raw: bytes[start..<end])
        if end < bytes.count { append("…") }
    }

    /// The character at `index` and its length in UTF-8, if it must be escaped.
    private static func escapedScalar(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (UInt16, Int)? {
        let byte = bytes[index]
        if byte < 0x80 { return (UInt16(byte), 1) }
        if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] < 0xA0 { return (UInt16(bytes[index + 1]), 2) }
        guard byte == 0xE2, index + 2 < bytes.count else { return nil }
        let scalar = 0x2000 | UInt16(bytes[index + 1] & 0x3F) << 6 | UInt16(bytes[index + 2] & 0x3F)
        switch scalar {
        case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return (scalar, 3)
        default: return nil
        }
    }

    private mutating func append(escapeOf scalar: UInt16) {
        switch scalar {
        case UInt16(UInt8(ascii: "\"")): append(#"\""#)
        case UInt16(UInt8(ascii: "\\")): append(#"\\"#)
        case 0x0A: append(#"\n"#)
        case 0x0D: append(#"\r"#)
        case 0x09: append(#"\t"#)
        default:
            append(#"\u"#)
            for shift in stride(from: UInt16(12), through: 0, by: -4) {
                append(hexDigit: UInt8(scalar >> shift & 0xF))
            }
        }
    }
}
