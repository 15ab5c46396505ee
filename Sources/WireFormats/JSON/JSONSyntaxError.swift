/// Why some bytes are not one JSON text (RFC 8259), and where.
public struct JSONSyntaxError: Error, Sendable, Equatable {
    /// What was wrong. The raw value is a clause that completes "the JSON is not valid: …".
    public enum Reason: String, Sendable {
        case unexpectedEnd = "it ends too early"
        case unexpectedByte = "unexpected character"
        case byteOrderMark = "it begins with a byte order mark"
        case controlCharacter = "unescaped control character in a string"
        case badEscape = "unknown escape in a string"
        case badUTF8 = "a string is not valid UTF-8"
        case badNumber = "malformed number"
        case badLiteral = "unknown word where true, false or null may stand"
        case nestedTooDeeply = "nested more than 512 levels deep"
        case trailingBytes = "there is more after its end"
    }

    /// Zero-based, in bytes from the first byte of the text.
    public let offset: Int
    /// What was wrong there.
    public let reason: Reason

    /// A fault at a byte offset.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    /// A sentence part fit for a caller: it quotes nothing of the text.
    public var sentence: String {
        "\(reason.rawValue) at byte offset \(offset)"
    }

    /// The same fault, seen from a text that begins `count` bytes earlier.
    func shifted(by count: Int) -> JSONSyntaxError {
        JSONSyntaxError(offset: offset + count, reason: reason)
    }
}
