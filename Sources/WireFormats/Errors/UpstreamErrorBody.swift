public import NIOCore

/// An upstream's error message, in the shapes that providers use: `error` with `message`, `type`, `code` and `param`
/// (OpenAI, Anthropic, Google), `error` as text (Ollama), the same members without `error` (Mistral, Cohere, the events
/// of Responses), `detail` as text (FastAPI servers such as vLLM), a list whose first element is one of these (Google's
/// streams), the lists of validators (`detail` of FastAPI, `errors`), and `metadata.raw` within `error`, in which
/// OpenRouter has the answer of its own provider.
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
    /// Whether it says that the content of the request was refused, in another way than by its code: OpenRouter names
    /// the reasons, Azure the policy.
    public var refusesContent = false

    /// An error body; empty by default.
    public init(
        message: String? = nil, code: String? = nil, type: String? = nil, param: String? = nil,
        refusesContent: Bool = false
    ) {
        self.message = message
        self.code = code
        self.type = type
        self.param = param
        self.refusesContent = refusesContent
    }

    /// Reads the body of an error; empty if it is not JSON.
    public init(body: ByteBuffer) {
        self = body.withBytes { UpstreamErrorBody(body: $0) }
    }

    /// Reads the body of an answer with an error status: like `init(body:)`, or plain text, which is then the message.
    public init(answer: ByteBuffer) {
        self.init(body: answer)
        if self == UpstreamErrorBody() { message = answer.withBytes { Self.plainText($0) } }
    }

    /// The body in the form that may be reported: without secrets, and short.
    /// - Parameter redact: removes secrets from a text.
    public func redacted(by redact: (String) -> String) -> UpstreamErrorBody {
        func short(_ text: String?) -> String? { text.map { Self.cut(EscapedSecrets.redacted($0, by: redact)) } }
        return UpstreamErrorBody(
            message: short(message), code: short(code), type: short(type), param: short(param),
            refusesContent: refusesContent)
    }

    /// A copy with its missing fields from `other`.
    func merging(_ other: UpstreamErrorBody) -> UpstreamErrorBody {
        UpstreamErrorBody(
            message: message ?? other.message, code: code ?? other.code, type: type ?? other.type,
            param: param ?? other.param, refusesContent: refusesContent || other.refusesContent)
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
        var scanner = JSONScanner(bytes, .answer)
        var report = UpstreamErrorBody()
        try body(&report, &scanner)
        self = report
    }

    private mutating func readBody(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        var inError: UpstreamErrorBody?
        var issues: ValidationIssues?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "error") {
                var error = UpstreamErrorBody()
                try error.readError(&scanner)
                inError = error
            } else if scanner.isEqual(key, "detail") || scanner.isEqual(key, "errors") {
                let found = try ValidationIssues(&scanner)
                if found.text != nil { issues = issues ?? found }
            } else {
                try readMember(key, &scanner)
            }
        }
        if let inError, inError.message != nil || message == nil { self = inError.merging(self) }
        if message == nil { take(issues) }
    }

    private mutating func readError(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBrace else { return take(try ValidationIssues(&scanner)) }
        var issues: ValidationIssues?
        var behind: UpstreamErrorBody?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let isObject = try scanner.peek() == Byte.openBrace
            if scanner.isEqual(key, "metadata"), isObject {
                behind = try readMetadata(&scanner)
            } else if scanner.isEqual(key, "innererror"), isObject {
                try readInnerError(&scanner)
            } else if scanner.isEqual(key, "errors") || scanner.isEqual(key, "detail") {
                issues = try ValidationIssues(&scanner)
            } else {
                try readMember(key, &scanner)
            }
        }
        if message == nil { take(issues) }
        if let behind { add(behind) }
    }

    private mutating func readMember(_ key: JSONString, _ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        if scanner.isEqual(key, "message") {
            take(try ValidationIssues(&scanner))
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

    private mutating func take(_ issues: ValidationIssues?) {
        message = issues?.text
        param = param ?? issues?.place
    }

    // MARK: What stands behind an error

    /// OpenRouter's (https://openrouter.ai/docs/api-reference/errors): `raw`, the answer of its own provider, as text
    /// or as an object; `reasons` and `flagged_input`, where it refused the content.
    private mutating func readMetadata(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> UpstreamErrorBody? {
        var behind: UpstreamErrorBody?
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "raw") {
                let value = try scanner.value()
                let bytes = scanner.bytes.part(value.span)
                behind =
                    switch value.kind {
                    case .string: JSONText.text(bytes).map { UpstreamErrorBody(answer: ByteBuffer(string: $0)) }
                    case .object, .array: UpstreamErrorBody(body: bytes)
                    case .number, .bool, .null: nil
                    }
            } else {
                let value = try scanner.value()
                if scanner.isEqual(key, "reasons") || scanner.isEqual(key, "flagged_input"), value.hasContents {
                    refusesContent = true
                }
            }
        }
        return behind
    }

    /// Azure's: `code` names the policy.
    private mutating func readInnerError(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard scanner.isEqual(key, "code"), try scanner.peek() == Byte.quote else {
                _ = try scanner.value()
                continue
            }
            if scanner.isEqual(try scanner.string(), "ResponsibleAIPolicyViolation") { refusesContent = true }
        }
    }

    /// The provider behind this one knows more than a status as code and "Provider returned error".
    private mutating func add(_ behind: UpstreamErrorBody) {
        message = [message, behind.message].compactMap(\.self).joined(separator: ": ")
        if message?.isEmpty == true { message = nil }
        if code == nil || code.flatMap({ Int($0) }) != nil { code = behind.code ?? code }
        type = type ?? behind.type
        param = param ?? behind.param
        refusesContent = refusesContent || behind.refusesContent
    }

    // MARK: Texts

    /// The text of a body that is not JSON; nil if it is a page or not text.
    static func plainText(_ bytes: Bytes) -> String? {
        var scanner = JSONScanner(bytes)
        guard let first = try? scanner.peek() else { return nil }
        guard ![Byte.openBrace, Byte.openBracket, UInt8(ascii: "<")].contains(first) else { return nil }
        if first == Byte.quote { return JSONText.text(bytes) }
        let part = bytes.part(0..<min(bytes.count, readLimit)).buffer
        guard part.allSatisfy({ $0 >= 0x20 || Byte.isWhitespace($0) }) else { return nil }
        return String(validating: part, as: UTF8.self)
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
