public import NIOCore

/// Writing JSON.
public enum JSONText {
    /// Appends `text` as a JSON string, quotes included. Only what must be escaped is (RFC 8259, section 7).
    public static func append(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeInteger(Byte.quote)
        var text = text
        text.withUTF8 { appendEscaped(Bytes(UnsafeRawBufferPointer($0)), to: &buffer) }
        buffer.writeInteger(Byte.quote)
    }

    /// Appends `text` as a JSON string, or null if it is nil.
    static func append(_ text: String?, to buffer: inout ByteBuffer) {
        if let text { append(text, to: &buffer) } else { buffer.writeStaticString("null") }
    }

    /// `text` with everything that JSON takes for an escape resolved, in strings and outside of them: to search it.
    public static func resolvingEscapes(in text: String) -> String {
        guard text.utf8.contains(Byte.backslash) else { return text }
        return Array(text.utf8).withBytes { bytes in
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            var reader = JSONUnescaper(bytes)
            while let byte = reader.next() { result.append(byte) }
            return String(decoding: result, as: UTF8.self)
        }
    }

    private static func appendEscaped(_ bytes: Bytes, to buffer: inout ByteBuffer) {
        var written = 0
        var index = 0
        while true {
            index = bytes.endOfPlainText(from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte < 0x80 {
                buffer.writeBytes(bytes.part(written..<index).buffer)
                appendEscape(of: byte, to: &buffer)
                written = index + 1
            }
            index += 1
        }
        buffer.writeBytes(bytes.part(written..<bytes.count).buffer)
    }

    private static func appendEscape(of byte: UInt8, to buffer: inout ByteBuffer) {
        switch byte {
        case Byte.quote: buffer.writeStaticString("\\\"")
        case Byte.backslash: buffer.writeStaticString("\\\\")
        case Byte.lineFeed: buffer.writeStaticString("\\n")
        case Byte.carriageReturn: buffer.writeStaticString("\\r")
        case Byte.tab: buffer.writeStaticString("\\t")
        default:
            buffer.writeStaticString(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0x0f
            buffer.writeInteger(digit < 10 ? digit + Byte.zero : digit - 10 + UInt8(ascii: "a"))
        }
    }

    /// The text of a JSON string with its quotes; nil for any other value.
    static func text(_ quoted: Bytes) -> String? {
        var scanner = JSONScanner(quoted)
        return (try? scanner.string()).map { scanner.text($0) }
    }

    /// `text` as the bytes of a JSON string, quotes included.
    static func quoted(_ text: String) -> [UInt8] {
        var buffer = ByteBuffer()
        append(text, to: &buffer)
        return Array(buffer.readableBytesView)
    }
}
