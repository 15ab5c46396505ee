import GatewayCore

/// The items of the input and the tools: what they need, and what they refer to.
extension ResponsesRequestScan {
    /// Names under which things stand that the provider keeps.
    private static let ids: [StaticString] = ["file_id", "container_id", "container", "skill_id", "tunnel_id"]
    /// What a picture or a train of thought consists of; `content` is one more.
    private static let substance: [StaticString] = ["result", "summary", "encrypted_content"]
    private static let listsOfIDs: [StaticString] = ["vector_store_ids", "file_ids"]

    /// An item is given in full, or refers to one that the provider keeps: by a type that says so, or by an id with nothing else that
    /// would tell what it is, since the type may be left out; or it lacks what it is about
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

    /// What the members `type` and `role` say; all of it counts, whichever of two the provider would take.
    private struct ItemKind: OptionSet {
        let rawValue: Int
        static let known = ItemKind(rawValue: 1)
        static let reference = ItemKind(rawValue: 2)
        /// A picture or a train of thought: without it, its id is what the provider goes by.
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
                // A namespace of tools.
                try readTools()
            } else {
                try readReference(key)
            }
        }
    }

    /// Where code of the model's runs.
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

    /// An object of which only what it refers to matters.
    private mutating func readReferences() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() { try readReference(key) }
    }

    /// Takes the value of `key`, and notes it if it names something that the provider keeps. A `container` that is a text is an id.
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
