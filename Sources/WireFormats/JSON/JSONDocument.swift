public import NIOCore

/// A complete JSON text.
public enum JSONDocument {
    /// Checks that `text` is one JSON value (RFC 8259) in UTF-8 without a byte order mark, nested at most 512 deep,
    /// with nothing but whitespace around it.
    public static func validate(_ text: ByteBuffer) throws(JSONSyntaxError) {
        let fault = text.withBytes { bytes -> JSONSyntaxError? in
            do throws(JSONSyntaxError) {
                var scanner = JSONScanner(bytes)
                try scanner.beginDocument()
                _ = try scanner.value()
                try scanner.finish()
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }
}

extension JSONScanner {
    /// RFC 8259, section 8.1, lets a reader refuse a byte order mark; naming it is more helpful than "unexpected
    /// character".
    mutating func beginDocument() throws(JSONSyntaxError) {
        if bytes.count >= 3, bytes.has("\u{FEFF}", at: 0..<3) {
            throw JSONSyntaxError(offset: 0, reason: .byteOrderMark)
        }
    }
}
