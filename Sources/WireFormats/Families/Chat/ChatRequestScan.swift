import GatewayCore

/// The body of a chat request.
struct ChatRequestScan: RequestScan {
    static let inspectedFields: [StaticString] = [
        "model", "messages", "stream", "stream_options", "tools", "functions", "response_format", "max_tokens",
        "max_completion_tokens", "n", "service_tier", "web_search_options",
    ]

    static let references: [StaticString] = ["file_id", "file_ids"]

    var scanner: JSONScanner
    var problem: GatewayError?
    var model: JSONString?
    var stream = false
    var required: CapabilitySet = [.chatCompletions]
    var stateField: String?
    var routingFields: [RoutingField] = []
    var bounds = UsageBounds()
    private var hasMessages = false
    private var includeUsage = false
    private var usageOption: ChatFamily.UsageOption?

    init(_ bytes: Bytes) {
        scanner = JSONScanner(bytes)
    }

    mutating func run() throws(GatewayError) -> APIRequest {
        let memberEnd = try readBody()
        let model = try requiredModel()
        guard hasMessages else {
            throw .client(.invalidRequest, "The field `messages` is required.", param: "messages")
        }
        return APIRequest(
            facts(model: model),
            ChatFamily(usageOption: usageOption ?? .missing(at: memberEnd), wantsUsage: includeUsage))
    }

    mutating func readMember(_ key: JSONString) throws(JSONSyntaxError) -> Bool {
        if scanner.isEqual(key, "messages") {
            try readMessages()
        } else if scanner.isEqual(key, "stream_options") {
            try readStreamOptions()
        } else if scanner.isEqual(key, "tools") || scanner.isEqual(key, "functions") {
            if try readIsNonEmptyList() { required.insert(.tools) }
        } else if scanner.isEqual(key, "response_format") {
            try readFormat()
        } else if scanner.isEqual(key, "max_tokens") || scanner.isEqual(key, "max_completion_tokens") {
            try readMaxOutput()
        } else if scanner.isEqual(key, "n") {
            try readChoices()
        } else if scanner.isEqual(key, "service_tier") {
            try readServiceTier()
        } else if scanner.isEqual(key, "web_search_options") {
            // Each search has a fee (https://platform.openai.com/docs/pricing, built-in tools).
            if try scanner.value().kind != .null { recordBillingModifier("web_search_options") }
        } else {
            return false
        }
        return true
    }

    private mutating func readStreamOptions() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBrace else {
            let value = try scanner.value()
            if value.kind != .null { report("stream_options", "The field `stream_options` must be an object.") }
            usageOption = .null(value.span)
            return
        }
        try scanner.enterObject()
        let start = scanner.position
        var keys = SeenKeys()
        var isEmpty = true
        var option: Range<Int>?
        while let key = try scanner.nextKey() {
            isEmpty = false
            recordKey(key, in: &keys, of: "`stream_options`")
            let value = try scanner.value()
            guard scanner.isEqual(key, "include_usage") else {
                if scanner.isEqualIgnoringCase(key, "include_usage") {
                    report("stream_options", "The field `stream_options.include_usage` must be written in lower case.")
                }
                continue
            }
            if value.kind != .bool, value.kind != .null {
                report("stream_options", "The field `stream_options.include_usage` must be a boolean.")
            }
            includeUsage = scanner.isTrue(value)
            option = value.span
        }
        usageOption = option.map { .set($0) } ?? .unset(at: start, isOnlyMember: isEmpty)
    }

    // MARK: Messages

    private mutating func readMessages() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBracket else {
            _ = try scanner.value()
            return report("messages", "The field `messages` must be an array.")
        }
        hasMessages = true
        try scanner.enterArray()
        while try scanner.nextElement() {
            if try scanner.peek() == Byte.openBrace { try readMessage() } else { try readNestedReferences() }
        }
    }

    private mutating func readMessage() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let first = try scanner.peek()
            if first == Byte.quote, scanner.isEqual(key, "role") {
                if scanner.isEqual(try scanner.string(), "developer") { required.insert(.developerRole) }
            } else if first == Byte.openBracket, scanner.isEqualIgnoringCase(key, "content") {
                try forEachObject { scan throws(JSONSyntaxError) in try scan.readPart() }
            } else if first == Byte.openBrace, scanner.isEqualIgnoringCase(key, "audio") {
                try readAudio()
            } else {
                _ = try readReference(key)
            }
        }
    }

    private mutating func readPart() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard try scanner.peek() == Byte.quote, scanner.isEqual(key, "type") else {
                _ = try readReference(key)
                continue
            }
            let type = try scanner.string()
            if scanner.isEqual(type, "image_url") || scanner.isEqual(type, "input_image") {
                required.insert(.vision)
                bounds.images += 1
            } else if scanner.isEqual(type, "input_audio") {
                required.insert(.audio)
                bounds.hasUnboundedInput = true
            } else if scanner.isEqual(type, "file") || scanner.isEqual(type, "input_file") {
                required.insert(.files)
                bounds.hasUnboundedInput = true
            }
        }
    }

    /// The model's earlier audio, by its id at the provider, which callers do not share.
    private mutating func readAudio() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let value = try scanner.value()
            if scanner.isEqualIgnoringCase(key, "id"), value.kind == .string, !value.isEmpty { recordState("audio") }
        }
    }
}
