public import NIOCore

/// An upstream's error message, in the shapes that providers use: `error` with `message`, `type`, `code` and `param`
/// (OpenAI, Anthropic, Google), `error` as text (Ollama), the same members without `error` (Mistral, Cohere, the events
/// of Responses), `detail` as text (FastAPI servers such as vLLM), and a list whose first element is one of these
/// (Google's streams).
public struct UpstreamErrorBody: Sendable, Hashable {
    /// The maximum length of a message that reaches callers or the log, in bytes.
    private static let messageLimit = 2048
    /// The maximum length of a message that is read: far more than is reported, so that secrets are removed before it
    /// is truncated.
    private static let readLimit = 64 * 1024

    /// The message, at most 64 KiB, so that secrets can be removed before truncation; see `redacted(by:)`.
    public var message: String?
    /// A name or a number, as text.
    public var code: String?
    /// The kind of error, such as `invalid_request_error`.
    public var type: String?
    /// The field of the request that is at fault.
    public var param: String?

    /// An error body; empty by default.
    public init(message: String? = nil, code: String? = nil, type: String? = nil, param: String? = nil) {
        self.message = message
        self.code = code
        self.type = type
        self.param = param
    }

    /// Reads the body of an error; empty if it is not JSON.
    public init(body: ByteBuffer) {
        self = body.withBytes { UpstreamErrorBody(body: $0) }
    }

    /// The body in the form that may be reported: without secrets, and short.
    /// - Parameter redact: removes secrets from a text.
    public func redacted(by redact: (String) -> String) -> UpstreamErrorBody {
        func short(_ text: String?) -> String? { text.map { Self.cut(redact($0)) } }
        return UpstreamErrorBody(
            message: short(message), code: short(code), type: short(type), param: short(param))
    }

    /// A copy with its missing fields from `other`.
    func merging(_ other: UpstreamErrorBody) -> UpstreamErrorBody {
        UpstreamErrorBody(
            message: message ?? other.message, code: code ?? other.code, type: type ?? other.type,
            param: param ?? other.param)
    }

    /// The first 2 KiB of `text`, truncated between Unicode scalars.
    package static func cut(_ text: String) -> String {
        var utf8 = text.utf8.prefix(messageLimit)
        guard utf8.count == messageLimit else { return text }
        // Not between grapheme clusters: finding their borders takes long for a hostile text.
        while utf8.endIndex < text.utf8.endIndex, !utf8.isEmpty, text.utf8[utf8.endIndex] & 0xC0 == 0x80 {
            utf8 = utf8.dropLast()
        }
        return String(Substring(utf8))
    }

    init(body bytes: Bytes) {
        self.init()
        try? read(bytes) { report, scanner throws(JSONSyntaxError) in
            let isList = try scanner.peek() == Byte.openBracket
            if isList { try scanner.enterArray() }
            if isList, try !scanner.nextElement() { return }
            guard try scanner.peek() == Byte.openBrace else { return }
            try report.readBody(&scanner)
            while isList, try scanner.nextElement() { _ = try scanner.value() }
            try scanner.finish()
        }
    }

    /// Reads the value of an `error` member: an object, or text.
    init(error bytes: Bytes) {
        self.init()
        try? read(bytes) { report, scanner throws(JSONSyntaxError) in try report.readError(&scanner) }
    }

    /// Uses the fields that `body` reads; none of them if the bytes are not JSON, which is not an error here.
    private mutating func read(
        _ bytes: Bytes, _ body: (inout UpstreamErrorBody, inout JSONScanner) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        var scanner = JSONScanner(bytes)
        var report = UpstreamErrorBody()
        try body(&report, &scanner)
        self = report
    }

    private mutating func readBody(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        var inError: UpstreamErrorBody?
        var detail: String?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "error") {
                var error = UpstreamErrorBody()
                try error.readError(&scanner)
                inError = error
            } else if scanner.isEqual(key, "detail") {
                detail = try Self.readText(&scanner)
            } else {
                try readMember(key, &scanner)
            }
        }
        if let inError, inError.message != nil || message == nil { self = inError }
        if message == nil { message = detail }
    }

    private mutating func readError(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBrace else {
            message = try Self.readText(&scanner)
            return
        }
        try scanner.enterObject()
        while let key = try scanner.nextKey() { try readMember(key, &scanner) }
    }

    private mutating func readMember(_ key: JSONString, _ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        if scanner.isEqual(key, "message") {
            message = try Self.readText(&scanner)
        } else if scanner.isEqual(key, "code") {
            code = try Self.readText(&scanner, orNumber: true)
        } else if scanner.isEqual(key, "type") {
            type = try Self.readText(&scanner)
        } else if scanner.isEqual(key, "param") {
            param = try Self.readText(&scanner)
        } else {
            _ = try scanner.value()
        }
    }

    /// Reads a value of any kind; returns its text if it is a string that is not empty.
    private static func readText(
        _ scanner: inout JSONScanner, orNumber: Bool = false
    ) throws(JSONSyntaxError) -> String? {
        guard try scanner.peek() == Byte.quote else {
            let value = try scanner.value()
            return orNumber ? scanner.integer(value).map(String.init) : nil
        }
        let text = scanner.text(try scanner.string(), limit: readLimit)
        return text.isEmpty ? nil : text
    }
}
