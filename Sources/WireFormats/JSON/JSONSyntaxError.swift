/// Why some bytes are not one JSON text (RFC 8259), and where.
public struct JSONSyntaxError: Error, Sendable, Equatable {
    /// The reason. The raw value is a clause that completes "the JSON is not valid: …".
    public enum Reason: String, Sendable {
        case unexpectedEnd = "it ends too early"
        case unexpectedByte = "unexpected character"
        case byteOrderMark = "it begins with a byte order mark"
        case controlCharacter = "unescaped control character in a string"
        case badEscape = "unknown escape in a string"
        case badUTF8 = "a string is not valid UTF-8"
        case badNumber = "malformed number"
        case badLiteral = "unknown word instead of true, false or null"
        case nestedTooDeeply = "nested more than 512 levels deep"
        case trailingBytes = "there is more after its end"
    }

    /// Zero-based, in bytes from the first byte of the text.
    public let offset: Int
    /// The reason.
    public let reason: Reason

    /// An error at a byte offset.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    /// A clause for the caller: it quotes nothing of the text.
    public var sentence: String {
        "\(reason.rawValue) at byte offset \(offset)"
    }

    /// The same error, with an offset from `count` bytes earlier.
    func shifted(by count: Int) -> JSONSyntaxError {
        JSONSyntaxError(offset: offset + count, reason: reason)
    }
}
