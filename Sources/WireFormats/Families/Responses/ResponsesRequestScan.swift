import GatewayCore

/// The body of a responses request.
struct ResponsesRequestScan: RequestScan {
    static let inspectedFields: [StaticString] = [
        "model", "input", "stream", "store", "background", "previous_response_id", "conversation", "prompt", "tools",
        "text", "include", "reasoning", "max_output_tokens", "service_tier",
    ]

    static let references: [StaticString] = [
        "file_id", "file_ids", "container_id", "container", "skill_id", "tunnel_id", "vector_store_id",
        "vector_store_ids",
    ]

    var scanner: JSONScanner
    var problem: GatewayError?
    var model: JSONString?
    var stream = false
    var required: CapabilitySet = [.responses]
    var stateField: String?
    var routingFields: [RoutingField] = []
    var bounds = UsageBounds()
    private var hasInput = false
    private var store: Range<Int>?
    private var wantsStore = true
    private var previous: JSONString?
    /// Whether the request is for a model that reasons.
    var asksForReasoning = false
    private var include: ResponsesFamily.IncludeOption?
    /// The parts of the input that are left out where nothing is stored.
    private var dropped: [Range<Int>] = []

    init(_ bytes: Bytes) {
        scanner = JSONScanner(bytes)
    }

    mutating func run() throws(GatewayError) -> APIRequest {
        let memberEnd = try readBody()
        let model = try requiredModel()
        guard hasInput || stateField != nil || previous != nil else {
            throw .client(.invalidRequest, "The field `input` is required.", param: "input")
        }
        return APIRequest(
            facts(model: model, previousResponseID: previous.map { scanner.text($0) }, wantsStore: wantsStore),
            ResponsesFamily(
                ResponsesFamily.Places(
                    store: store.map { .set($0) } ?? .missing(at: memberEnd),
                    include: asksForReasoning ? include ?? .missing(at: memberEnd) : .present, dropped: dropped)))
    }

    mutating func readMember(_ key: JSONString) throws(JSONSyntaxError) -> Bool {
        if scanner.isEqual(key, "input") {
            try readInput()
        } else if scanner.isEqual(key, "store") {
            let value = try scanner.value()
            if value.kind != .bool, value.kind != .null { report("store", "The field `store` must be a boolean.") }
            store = value.span
            wantsStore = value.kind == .null || scanner.isTrue(value)
        } else if scanner.isEqual(key, "background") {
            if try readFlag("background") {
                report(
                    "background",
                    "`background: true` is not supported: the gateway does not start work for which no caller waits.",
                    code: .unsupportedParameter)
            }
        } else if scanner.isEqual(key, "previous_response_id") {
            try readPrevious()
        } else if scanner.isEqual(key, "conversation") {
            try readState("conversation")
        } else if scanner.isEqual(key, "prompt") {
            try readState("prompt")
        } else if scanner.isEqual(key, "tools") {
            try readTools()
        } else if scanner.isEqual(key, "text") {
            try readText()
        } else if scanner.isEqual(key, "include") {
            try readInclude()
        } else if scanner.isEqual(key, "reasoning") {
            let value = try scanner.value()
            if value.kind == .object, value.hasContents { asksForReasoning = true }
        } else if scanner.isEqual(key, "max_output_tokens") {
            try readMaxOutput()
        } else if scanner.isEqual(key, "service_tier") {
            try readServiceTier()
        } else {
            return false
        }
        return true
    }

    private mutating func readPrevious() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.quote else {
            guard try scanner.value().kind != .null else { return }
            return report("previous_response_id", "The field `previous_response_id` must be a string.")
        }
        let string = try scanner.string()
        guard (1...RequestFacts.maxResponseIDBytes).contains(string.contents.count) else {
            return report("previous_response_id", "The field `previous_response_id` is not an id.")
        }
        previous = string
        // What the provider has stored of the conversation is input too.
        bounds.hasUnboundedInput = true
    }

    private mutating func readState(_ name: String) throws(JSONSyntaxError) {
        if try scanner.value().kind != .null { recordState(name) }
    }

    /// A text, or a list of items: messages with content parts, calls and their outputs, references.
    private mutating func readInput() throws(JSONSyntaxError) {
        hasInput = true
        guard try scanner.peek() == Byte.openBracket else {
            let value = try scanner.value()
            if value.kind != .string { report("input", "The field `input` must be a string or an array.") }
            return
        }
        try readItems()
    }

    /// Reads the list of items, and finds the places of those that refer to reasoning which was not stored. An item
    /// goes with one of the commas beside it.
    private mutating func readItems() throws(JSONSyntaxError) {
        var lastKeptEnd: Int?
        var run: (start: Int, end: Int)?
        try scanner.enterArray()
        while try scanner.nextElement() {
            let first = try scanner.peek()
            let start = scanner.position
            var isLost = false
            switch first {
            case Byte.openBrace: isLost = try readItem()
            case Byte.openBracket: try readNestedItems()
            default: _ = try scanner.value()
            }
            if isLost {
                run = (run?.start ?? start, scanner.position)
            } else {
                if let lost = run { dropped.append(lost.start..<start) }
                run = nil
                lastKeptEnd = scanner.position
            }
        }
        if let lost = run { dropped.append((lastKeptEnd ?? lost.start)..<lost.end) }
    }

    /// A list within the list of items, which OpenAI refuses and other servers may flatten.
    private mutating func readNestedItems() throws(JSONSyntaxError) {
        try scanner.enterArray()
        while try scanner.nextElement() {
            switch try scanner.peek() {
            case Byte.openBrace: _ = try readItem()
            case Byte.openBracket: try readNestedItems()
            default: _ = try scanner.value()
            }
        }
    }

    private mutating func readInclude() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBracket else {
            let value = try scanner.value()
            include = value.kind == .null ? .null(value.span) : .present
            return
        }
        try scanner.enterArray()
        let start = scanner.position
        var isEmpty = true
        var isPresent = false
        while try scanner.nextElement() {
            isEmpty = false
            guard try scanner.peek() == Byte.quote else {
                _ = try scanner.value()
                continue
            }
            if scanner.isEqual(try scanner.string(), "reasoning.encrypted_content") { isPresent = true }
        }
        include = isPresent ? .present : .list(start: start, isEmpty: isEmpty)
    }

    private mutating func readText() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBrace else {
            _ = try scanner.value()
            return
        }
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.isEqual(key, "format") { try readFormat() } else { _ = try scanner.value() }
        }
    }
}
