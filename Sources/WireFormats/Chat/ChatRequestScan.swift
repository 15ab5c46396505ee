import GatewayCore

/// One pass over the body of a chat request. Bad JSON is reported at once; what is well-formed but wrong is kept, and
/// reported when the whole body has been found to be JSON.
struct ChatRequestScan {
    private var scanner: JSONScanner
    private var problem: GatewayError?
    private var model: JSONString?
    private var hasMessages = false
    private var stream = false
    private var includeUsage = false
    private var usageOption: ChatRequest.UsageOption?
    private var required: CapabilitySet = .chatCompletions

    init(_ bytes: Bytes) {
        scanner = JSONScanner(bytes)
    }

    mutating func run() throws(GatewayError) -> ChatRequest {
        let memberEnd: Int
        do throws(JSONFault) {
            memberEnd = try readDocument()
        } catch {
            throw .client(.invalidJSON, "The request body is not valid JSON: \(error.sentence).")
        }
        if let problem { throw problem }
        guard let model else { throw .client(.invalidRequest, "The field `model` is required.", param: "model") }
        guard hasMessages else {
            throw .client(.invalidRequest, "The field `messages` is required.", param: "messages")
        }
        if stream { required.insert(.stream) }
        return ChatRequest(
            model: scanner.text(model), stream: stream, includeUsage: includeUsage, required: required,
            modelSpan: model.span, usageOption: usageOption ?? .missing(at: memberEnd))
    }

    /// Returns the end of the last member of the top-level object.
    private mutating func readDocument() throws(JSONFault) -> Int {
        try scanner.beginDocument()
        var memberEnd = 0
        if try scanner.peek() == Byte.openBrace {
            var keys = KeyLedger()
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                if !keys.insert(key, of: scanner.bytes) { reportDuplicate(key, in: "the request body") }
                try readMember(key)
                memberEnd = scanner.position
            }
        } else {
            _ = try scanner.value()
            report(nil, "The request body must be a JSON object.")
        }
        try scanner.finish()
        return memberEnd
    }

    private mutating func readMember(_ key: JSONString) throws(JSONFault) {
        if scanner.isEqual(key, "model") {
            try readModel()
        } else if scanner.isEqual(key, "messages") {
            try readMessages()
        } else if scanner.isEqual(key, "stream") {
            let value = try scanner.value()
            stream = scanner.isTrue(value)
            if value.kind != .bool, value.kind != .null { report("stream", "The field `stream` must be a boolean.") }
        } else if scanner.isEqual(key, "stream_options") {
            try readStreamOptions()
        } else if scanner.isEqual(key, "tools") || scanner.isEqual(key, "functions") {
            let value = try scanner.value()
            if value.kind == .array, !value.isEmpty { required.insert(.tools) }
        } else if scanner.isEqual(key, "response_format") {
            try readResponseFormat()
        } else {
            refuseOtherCase(key)
            _ = try scanner.value()
        }
    }

    private static let judgedFields: [StaticString] = [
        "model", "messages", "stream", "stream_options", "tools", "functions", "response_format",
    ]

    /// Some upstreams match keys in any case (those written with Go's encoding/json do), and would read `Model` where this
    /// gateway has judged `model`.
    private mutating func refuseOtherCase(_ key: JSONString) {
        for name in Self.judgedFields where scanner.isEqualIgnoringCase(key, name) {
            report(scanner.text(key, limit: 128), "The field `\(name)` must be written in lower case.")
        }
    }

    /// In bytes, escapes included: far more than any configured name, and little enough to be repeated in an error.
    private static let longestModel = 1536

    private mutating func readModel() throws(JSONFault) {
        guard try scanner.peek() == Byte.quote else {
            _ = try scanner.value()
            return report("model", "The field `model` must be a string.")
        }
        let string = try scanner.string()
        if string.contents.isEmpty { report("model", "The field `model` must not be empty.") }
        if string.contents.count > Self.longestModel { report("model", "The field `model` is too long.") }
        model = string
    }

    private mutating func readStreamOptions() throws(JSONFault) {
        guard try scanner.peek() == Byte.openBrace else {
            let value = try scanner.value()
            if value.kind != .null { report("stream_options", "The field `stream_options` must be an object.") }
            usageOption = .null(value.span)
            return
        }
        try scanner.enterObject()
        let start = scanner.position
        var keys = KeyLedger()
        var isEmpty = true
        var option: Range<Int>?
        while let key = try scanner.nextKey() {
            isEmpty = false
            if !keys.insert(key, of: scanner.bytes) { reportDuplicate(key, in: "`stream_options`") }
            let value = try scanner.value()
            guard scanner.isEqual(key, "include_usage") else {
                if scanner.isEqualIgnoringCase(key, "include_usage") {
                    report("stream_options", "The field `stream_options.include_usage` must be written in lower case.")
                }
                continue
            }
            if value.kind != .bool {
                report("stream_options", "The field `stream_options.include_usage` must be a boolean.")
            }
            includeUsage = scanner.isTrue(value)
            option = value.span
        }
        usageOption = option.map { .set($0) } ?? .unset(at: start, isOnlyMember: isEmpty)
    }

    private mutating func readResponseFormat() throws(JSONFault) {
        guard try scanner.peek() == Byte.openBrace else {
            _ = try scanner.value()
            return
        }
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "type"), try scanner.peek() == Byte.quote {
                if scanner.isEqual(try scanner.string(), "json_schema") { required.insert(.jsonSchema) }
            } else {
                _ = try scanner.value()
            }
        }
    }

    // MARK: Messages

    private mutating func readMessages() throws(JSONFault) {
        guard try scanner.peek() == Byte.openBracket else {
            _ = try scanner.value()
            return report("messages", "The field `messages` must be an array.")
        }
        hasMessages = true
        try scanner.enterArray()
        while try scanner.nextElement() {
            if try scanner.peek() == Byte.openBrace { try readMessage() } else { _ = try scanner.value() }
        }
    }

    private mutating func readMessage() throws(JSONFault) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let first = try scanner.peek()
            if first == Byte.quote, scanner.isEqual(key, "role") {
                if scanner.isEqual(try scanner.string(), "developer") { required.insert(.developerRole) }
            } else if first == Byte.openBracket, scanner.isEqual(key, "content") {
                try scanner.enterArray()
                while try scanner.nextElement() {
                    if try scanner.peek() == Byte.openBrace { try readPart() } else { _ = try scanner.value() }
                }
            } else {
                _ = try scanner.value()
            }
        }
    }

    private mutating func readPart() throws(JSONFault) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard scanner.isEqual(key, "type"), try scanner.peek() == Byte.quote else {
                _ = try scanner.value()
                continue
            }
            let type = try scanner.string()
            if scanner.isEqual(type, "image_url") || scanner.isEqual(type, "input_image") {
                required.insert(.vision)
            } else if scanner.isEqual(type, "input_audio") {
                required.insert(.audio)
            } else if scanner.isEqual(type, "file") || scanner.isEqual(type, "input_file") {
                required.insert(.files)
            }
        }
    }

    // MARK: Problems

    /// Keeps the first problem that was found.
    private mutating func report(_ param: String?, _ message: String) {
        if problem == nil { problem = .client(.invalidRequest, message, param: param) }
    }

    private mutating func reportDuplicate(_ key: JSONString, in place: String) {
        guard problem == nil else { return }
        let name = scanner.text(key, limit: 128)
        let message = "The key `\(name)` comes twice in \(place), at byte offset \(key.span.lowerBound)."
        problem = .client(.invalidJSON, message, param: name)
    }
}
