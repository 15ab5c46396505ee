import GatewayCore

/// The body of a responses request.
struct ResponsesRequestScan: RequestScan {
    static let inspectedFields: [StaticString] = [
        "model", "input", "stream", "store", "background", "previous_response_id", "conversation", "prompt", "tools",
        "text",
    ]

    var scanner: JSONScanner
    var problem: GatewayError?
    var model: JSONString?
    var stream = false
    private var hasInput = false
    private var store: Range<Int>?
    private var wantsStore = true
    private var previous: JSONString?
    private var stateField: String?
    var required: CapabilitySet = .responses

    init(_ bytes: Bytes) {
        scanner = JSONScanner(bytes)
    }

    mutating func run() throws(GatewayError) -> ResponsesRequest {
        let memberEnd = try readBody()
        let model = try requiredModel()
        guard hasInput || stateField != nil || previous != nil else {
            throw .client(.invalidRequest, "The field `input` is required.", param: "input")
        }
        if stream { required.insert(.stream) }
        return ResponsesRequest(
            model: scanner.text(model), stream: stream, required: required,
            previousResponseID: previous.map { scanner.text($0) }, stateField: stateField, wantsStore: wantsStore,
            modelSpan: model.span, storeSpan: store, memberEnd: memberEnd)
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
                    "`background: true` is not supported: the gateway does not start work that nobody waits for.",
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
        guard (1...ResponsesRequest.maxIDBytes).contains(string.contents.count) else {
            return report("previous_response_id", "The field `previous_response_id` is not an id.")
        }
        previous = string
    }

    /// Notes the first field that refers to something that the provider keeps.
    mutating func recordState(_ field: String) {
        if stateField == nil { stateField = field }
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
        try forEachObject { scan throws(JSONSyntaxError) in try scan.readItem() }
    }

    private mutating func readText() throws(JSONSyntaxError) {
        guard try scanner.peek() == Byte.openBrace else {
            _ = try scanner.value()
            return
        }
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            guard scanner.isEqual(key, "format"), try scanner.peek() == Byte.openBrace else {
                _ = try scanner.value()
                continue
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
    }
}
