import GatewayCore

/// The items of the input and the tools: the capabilities that they need, and their references.
extension ResponsesRequestScan {
    /// Members that name an object stored by the provider.
    private static let ids: [StaticString] = ["file_id", "container_id", "container", "skill_id", "tunnel_id"]
    /// Members with the content of an image or of reasoning; `content` is another.
    private static let substance: [StaticString] = ["result", "summary", "encrypted_content"]
    private static let listsOfIDs: [StaticString] = ["vector_store_ids", "file_ids"]

    /// An item is complete, or refers to one that the provider stores: by its type; by an id without a type or role,
    /// since the type is optional; or because its content is missing
    /// (https://platform.openai.com/docs/api-reference/responses/create, `input`).
    mutating func readItem() throws(JSONSyntaxError) {
        var kind = ItemKind()
        var hasID = false
        var hasSubstance = false
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let first = try scanner.peek()
            if first == Byte.quote, scanner.isEqual(key, "role") {
                kind.formUnion(.known)
                if scanner.isEqual(try scanner.string(), "developer") { required.insert(.developerRole) }
            } else if first == Byte.quote, scanner.isEqual(key, "type") {
                kind.formUnion(itemKind(try scanner.string()))
            } else if first == Byte.openBracket, scanner.isEqual(key, "content") || scanner.isEqual(key, "output") {
                if try forEachObject({ scan throws(JSONSyntaxError) in try scan.readPart() }) { hasSubstance = true }
            } else if first == Byte.openBrace, scanner.isEqual(key, "output") {
                try readPart()
            } else if scanner.isEqual(key, "tools") {
                try readTools()
            } else {
                let value = try scanner.value()
                if scanner.isEqual(key, "id") { hasID = value.kind != .null }
                if value.hasContents, Self.substance.contains(where: { scanner.isEqual(key, $0) }) {
                    hasSubstance = true
                }
            }
        }
        let isReference = kind.contains(.reference) || (kind.isEmpty && hasID)
        if isReference || (kind.contains(.emptyIsReference) && !hasSubstance) { recordState("input") }
    }

    /// The kinds that the members `type` and `role` name; duplicates all count, whichever the provider would read.
    private struct ItemKind: OptionSet {
        let rawValue: Int
        static let known = ItemKind(rawValue: 1)
        static let reference = ItemKind(rawValue: 2)
        /// An image or reasoning: without content, the provider uses its id.
        static let emptyIsReference = ItemKind(rawValue: 4)
    }

    private func itemKind(_ type: JSONString) -> ItemKind {
        if scanner.isEqual(type, "item_reference") { return [.known, .reference] }
        if scanner.isEqual(type, "image_generation_call") || scanner.isEqual(type, "reasoning") {
            return [.known, .emptyIsReference]
        }
        return .known
    }

    private mutating func readPart() throws(JSONSyntaxError) {
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

    mutating func readTools() throws(JSONSyntaxError) {
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

    private mutating func readTool() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let isObject = try scanner.peek() == Byte.openBrace
            if isObject, scanner.isEqual(key, "container") || scanner.isEqual(key, "environment") {
                try readEnvironment()
            } else if isObject, scanner.isEqual(key, "input_image_mask") {
                try readReferences()
            } else if scanner.isEqual(key, "tools") {
                // A list of tools within a tool.
                try readTools()
            } else {
                try readReference(key)
            }
        }
    }

    /// The container in which the model's code runs.
    private mutating func readEnvironment() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if try scanner.peek() == Byte.openBracket, scanner.isEqual(key, "skills") {
                try forEachObject { scan throws(JSONSyntaxError) in try scan.readReferences() }
            } else {
                try readReference(key)
            }
        }
    }

    /// An object of which only the references matter.
    private mutating func readReferences() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() { try readReference(key) }
    }

    /// Reads the value of `key`, and records it if it names an object stored by the provider. A `container` that is a
    /// text is an id.
    private mutating func readReference(_ key: JSONString) throws(JSONSyntaxError) {
        let value = try scanner.value()
        let names: [StaticString]
        switch value.kind {
        case .string: names = Self.ids
        case .array where !value.isEmpty: names = Self.listsOfIDs
        default: return
        }
        if let name = names.first(where: { scanner.isEqual(key, $0) }) { recordState("\(name)") }
    }
}
