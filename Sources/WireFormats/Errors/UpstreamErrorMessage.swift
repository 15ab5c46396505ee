public import NIOCore

/// The human-readable message in an upstream's error body.
public enum UpstreamErrorMessage {
    /// The longest message that is handed on, in bytes.
    public static let limit = 2048

    /// Finds the message in the shapes that providers use: `error.message` (OpenAI, Anthropic, Google), `error` as text
    /// (Ollama), `message` (Mistral, Cohere), `detail` as text (FastAPI servers such as vLLM), and a list whose first
    /// element is one of these (Google's streams). Nil if `body` is not JSON or has none.
    ///
    /// Uncut, so that secrets can be taken out of it whole; then `cut` it.
    public static func find(in body: ByteBuffer) -> String? {
        body.withBytes { find(in: $0) }
    }

    /// The first 2 KiB of `text`, cut between characters.
    public static func cut(_ text: String) -> String {
        var end = text.utf8.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex) ?? text.endIndex
        while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }

    static func find(in bytes: Bytes) -> String? {
        var scanner = JSONScanner(bytes)
        do throws(JSONFault) {
            let isList = try scanner.peek() == Byte.openBracket
            if isList {
                try scanner.enterArray()
                guard try scanner.nextElement() else { return nil }
            }
            guard try scanner.peek() == Byte.openBrace else { return nil }
            let found = try readBody(&scanner)
            while isList, try scanner.nextElement() { _ = try scanner.value() }
            try scanner.finish()
            return found
        } catch {
            return nil
        }
    }

    /// The message in the value of an `error` field: an object with `message`, or text.
    static func find(inError bytes: Bytes) -> String? {
        var scanner = JSONScanner(bytes)
        do throws(JSONFault) {
            return try readError(&scanner)
        } catch {
            return nil
        }
    }

    private static func readBody(_ scanner: inout JSONScanner) throws(JSONFault) -> String? {
        var inError: String?
        var message: String?
        var detail: String?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "error") {
                inError = try readError(&scanner)
            } else if scanner.isEqual(key, "message") {
                message = try readText(&scanner)
            } else if scanner.isEqual(key, "detail") {
                detail = try readText(&scanner)
            } else {
                _ = try scanner.value()
            }
        }
        return inError ?? message ?? detail
    }

    private static func readError(_ scanner: inout JSONScanner) throws(JSONFault) -> String? {
        guard try scanner.peek() == Byte.openBrace else { return try readText(&scanner) }
        var message: String?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "message") {
                message = try readText(&scanner)
            } else {
                _ = try scanner.value()
            }
        }
        return message
    }

    /// Takes a value of any kind; its text if it is a string with something in it.
    private static func readText(_ scanner: inout JSONScanner) throws(JSONFault) -> String? {
        guard try scanner.peek() == Byte.quote else {
            _ = try scanner.value()
            return nil
        }
        let text = scanner.text(try scanner.string())
        return text.isEmpty ? nil : text
    }
}
