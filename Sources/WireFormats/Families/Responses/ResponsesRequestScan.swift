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
    var required: CapabilitySet = [.responses]
    var stateField: String?
    private var hasInput = false
    private var store: Range<Int>?
    private var wantsStore = true
    private var previous: JSONString?

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
            ResponsesFamily(storeOption: store.map { .set($0) } ?? .missing(at: memberEnd)))
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
            if scanner.isEqual(key, "format") { try readFormat() } else { _ = try scanner.value() }
        }
    }
}
