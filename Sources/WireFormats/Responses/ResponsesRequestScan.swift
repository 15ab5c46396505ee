import GatewayCore

/// The body of a responses request.
struct ResponsesRequestScan: RequestScan {
    static let judgedFields: [StaticString] = [
        "model", "input", "stream", "store", "background", "previous_response_id", "conversation", "prompt", "tools",
        "text",
    ]

    private static let ids: [StaticString] = ["file_id", "container_id", "container", "skill_id", "tunnel_id"]
    private static let listsOfIDs: [StaticString] = ["vector_store_ids", "file_ids"]

    var scanner: JSONScanner
    var problem: GatewayError?
    var model: JSONString?
    var stream = false
    private var hasInput = false
    private var store: Range<Int>?
    private var wantsStore = true
    private var previous: JSONString?
    private var stateField: String?
    private var required: CapabilitySet = .responses

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

    mutating func readMember(_ key: JSONString) throws(JSONFault) -> Bool {
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

    private mutating func readPrevious() throws(JSONFault) {
        guard try scanner.peek() == Byte.quote else {
            guard try scanner.value().kind != .null else { return }
            return report("previous_response_id", "The field `previous_response_id` must be a string.")
        }
        let string = try scanner.string()
        guard (1...ResponsesRequest.longestID).contains(string.contents.count) else {
            return report("previous_response_id", "The field `previous_response_id` is not an id.")
        }
        previous = string
    }

    private mutating func note(_ field: String) {
        if stateField == nil { stateField = field }
    }

    private mutating func readState(_ name: String) throws(JSONFault) {
        if try scanner.value().kind != .null { note(name) }
    }

    /// A text, or a list of items: messages with content parts, calls and their outputs, references.
    private mutating func readInput() throws(JSONFault) {
        hasInput = true
        guard try scanner.peek() == Byte.openBracket else {
            let value = try scanner.value()
            if value.kind != .string { report("input", "The field `input` must be a string or an array.") }
            return
        }
        try forEachObject { scan throws(JSONFault) in try scan.readItem() }
    }

    /// An item is given in full, or refers to one that the provider keeps: by a type that says so, or by an id with nothing else that
    /// would tell what it is, since the type may be left out
    /// (https://platform.openai.com/docs/api-reference/responses/create, `input`).
    private mutating func readItem() throws(JSONFault) {
        var isReference = false
        var isImageCall = false
        var hasKind = false
        var hasID = false
        var hasResult = false
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let first = try scanner.peek()
            if first == Byte.quote, scanner.isEqual(key, "role") {
                hasKind = true
                if scanner.isEqual(try scanner.string(), "developer") { required.insert(.developerRole) }
            } else if first == Byte.quote, scanner.isEqual(key, "type") {
                hasKind = true
                let type = try scanner.string()
                isReference = scanner.isEqual(type, "item_reference")
                isImageCall = scanner.isEqual(type, "image_generation_call")
            } else if first == Byte.openBracket, scanner.isEqual(key, "content") || scanner.isEqual(key, "output") {
                try forEachObject { scan throws(JSONFault) in try scan.readPart() }
            } else if first == Byte.openBrace, scanner.isEqual(key, "output") {
                try readPart()
            } else if scanner.isEqual(key, "tools") {
                try readTools()
            } else {
                let isNull = try scanner.value().kind == .null
                if scanner.isEqual(key, "id") { hasID = !isNull }
                if scanner.isEqual(key, "result") { hasResult = !isNull }
            }
        }
        // Without its image, the call is one to go on from.
        if isReference || (!hasKind && hasID) || (isImageCall && !hasResult) { note("input") }
    }

    private mutating func readPart() throws(JSONFault) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let first = try scanner.peek()
            if first == Byte.quote, scanner.isEqual(key, "type") {
                let type = try scanner.string()
                if scanner.isEqual(type, "input_image") || scanner.isEqual(type, "image_url")
                    || scanner.isEqual(type, "computer_screenshot")
                {
                    required.insert(.vision)
                } else if scanner.isEqual(type, "input_audio") {
                    required.insert(.audio)
                } else if scanner.isEqual(type, "input_file") {
                    required.insert(.files)
                }
            } else {
                try readReference(key)
            }
        }
    }

    // MARK: Tools

    private mutating func readTools() throws(JSONFault) {
        guard try scanner.peek() == Byte.openBracket else {
            _ = try scanner.value()
            return
        }
        var isEmpty = true
        try scanner.enterArray()
        while try scanner.nextElement() {
            isEmpty = false
            if try scanner.peek() == Byte.openBrace { try readTool() } else { _ = try scanner.value() }
        }
        if !isEmpty { required.insert(.tools) }
    }

    private mutating func readTool() throws(JSONFault) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let isObject = try scanner.peek() == Byte.openBrace
            if isObject, scanner.isEqual(key, "container") || scanner.isEqual(key, "environment") {
                try readEnvironment()
            } else if isObject, scanner.isEqual(key, "input_image_mask") {
                try readReferences()
            } else if scanner.isEqual(key, "tools") {
                // A namespace of tools.
                try readTools()
            } else {
                try readReference(key)
            }
        }
    }

    /// Where code of the model's runs.
    private mutating func readEnvironment() throws(JSONFault) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if try scanner.peek() == Byte.openBracket, scanner.isEqual(key, "skills") {
                try forEachObject { scan throws(JSONFault) in try scan.readReferences() }
            } else {
                try readReference(key)
            }
        }
    }

    /// An object of which only what it refers to matters.
    private mutating func readReferences() throws(JSONFault) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() { try readReference(key) }
    }

    /// Takes the value of `key`, and notes it if it names something that the provider keeps. A `container` that is a text is an id.
    private mutating func readReference(_ key: JSONString) throws(JSONFault) {
        let value = try scanner.value()
        let names: [StaticString]
        switch value.kind {
        case .string: names = Self.ids
        case .array where !value.isEmpty: names = Self.listsOfIDs
        default: return
        }
        if let name = names.first(where: { scanner.isEqual(key, $0) }) { note("\(name)") }
    }

    private mutating func readText() throws(JSONFault) {
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
