public import NIOCore

/// What an upstream says of its failure, in the shapes that providers use: `error` with `message`, `type`, `code` and `param` (OpenAI,
/// Anthropic, Google), `error` as text (Ollama), the same members without `error` (Mistral, Cohere, the events of Responses), `detail` as
/// text (FastAPI servers such as vLLM), and a list whose first element is one of these (Google's streams).
public struct UpstreamErrorBody: Sendable, Hashable {
    /// The longest message that is handed on, in bytes.
    private static let messageLimit = 2048
    /// The longest text that is read: far more than is handed on, so that secrets can be taken out before it is cut.
    private static let readLimit = 64 * 1024

    /// For people. At most 64 KiB, so that secrets can be taken out of it whole; see `redacted(by:)`.
    public var message: String?
    /// A name or a number, as text.
    public var code: String?
    /// The kind of error, such as `invalid_request_error`.
    public var type: String?
    /// The field of the request that is at fault.
    public var param: String?

    /// A report; of nothing by default.
    public init(message: String? = nil, code: String? = nil, type: String? = nil, param: String? = nil) {
        self.message = message
        self.code = code
        self.type = type
        self.param = param
    }

    /// Reads the body of an error; says nothing if it is not JSON.
    public init(body: ByteBuffer) {
        self = body.withBytes { UpstreamErrorBody(body: $0) }
    }

    /// The body as it may be reported: without secrets, and short.
    /// - Parameter redact: takes secrets out of a text.
    public func redacted(by redact: (String) -> String) -> UpstreamErrorBody {
        func short(_ text: String?) -> String? { text.map { Self.cut(redact($0)) } }
        return UpstreamErrorBody(
            message: short(message), code: short(code), type: short(type), param: short(param))
    }

    /// With what it leaves out taken from `other`.
    func merging(_ other: UpstreamErrorBody) -> UpstreamErrorBody {
        UpstreamErrorBody(
            message: message ?? other.message, code: code ?? other.code, type: type ?? other.type,
            param: param ?? other.param)
    }

    /// The first 2 KiB of `text`, cut between characters of Unicode.
    package static func cut(_ text: String) -> String {
        var utf8 = text.utf8.prefix(messageLimit)
        guard utf8.count == messageLimit else { return text }
        // Not between what is read as one character: to find that out takes long for a hostile text.
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

    /// Takes over what `body` has read; nothing of it if the bytes turn out not to be JSON, which is no error of its own.
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

    /// Takes a value of any kind; its text if it is a string with something in it.
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
