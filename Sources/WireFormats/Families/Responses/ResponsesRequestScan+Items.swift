import GatewayCore

/// The items of the input and the tools: the capabilities that they need, and their references.
extension ResponsesRequestScan {
    /// Members with the content of an image or of reasoning; `content` is another.
    private static let substance: [StaticString] = ["result", "summary", "encrypted_content"]
    /// Members that say nothing of an item's content.
    private static let labels: [StaticString] = ["id", "type", "status", "object", "role"]

    /// An item is complete, or refers to one that the provider stores: by its type; by an id without a type or role,
    /// since the type is optional; or because nothing but its id is there
    /// (https://platform.openai.com/docs/api-reference/responses/create, `input`).
    /// - Returns: whether it refers to reasoning, which is lost where nothing is stored.
    mutating func readItem() throws(JSONSyntaxError) -> Bool {
        var kind = ItemKind()
        var hasID = false
        var hasSubstance = false
        var hasContents = false
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let first = try scanner.peek()
            if first == Byte.quote, scanner.isEqualIgnoringCase(key, "role") {
                kind.formUnion(.known)
                if scanner.isEqual(try scanner.string(), "developer") { required.insert(.developerRole) }
            } else if first == Byte.quote, scanner.isEqualIgnoringCase(key, "type") {
                kind.formUnion(itemKind(try scanner.string()))
            } else if first == Byte.openBracket,
                scanner.isEqualIgnoringCase(key, "content") || scanner.isEqualIgnoringCase(key, "output")
            {
                if try forEachObject({ scan throws(JSONSyntaxError) in try scan.readPart() }) {
                    (hasSubstance, hasContents) = (true, true)
                }
            } else if first == Byte.openBrace, scanner.isEqualIgnoringCase(key, "output") {
                try readPart()
                hasContents = true
            } else if scanner.isEqualIgnoringCase(key, "tools") {
                try readTools()
                hasContents = true
            } else {
                let value = try readReference(key)
                if scanner.isEqualIgnoringCase(key, "id") { hasID = value.hasContents }
                guard value.hasContents, !Self.labels.contains(where: { scanner.isEqualIgnoringCase(key, $0) }) else {
                    continue
                }
                hasContents = true
                if Self.substance.contains(where: { scanner.isEqual(key, $0) }) { hasSubstance = true }
            }
        }
        if kind.contains(.reasoning) { asksForReasoning = true }
        guard hasID else { return false }
        // Duplicates of `type` and `role` all count, whichever the provider would read.
        if kind.contains(.reference) || kind.isEmpty || (kind.contains(.image) && !hasSubstance) {
            recordState("input")
        } else if kind.contains(.reasoning) {
            return !hasSubstance
        } else if !hasContents, !kind.contains(.withoutContents) {
            recordState("input")
        }
        return false
    }

    /// The kinds that the members `type` and `role` name.
    private struct ItemKind: OptionSet {
        let rawValue: Int
        static let known = ItemKind(rawValue: 1)
        static let reference = ItemKind(rawValue: 2)
        /// Without content the provider uses its id.
        static let image = ItemKind(rawValue: 4)
        static let reasoning = ItemKind(rawValue: 8)
        /// A call of which nothing has to be known.
        static let withoutContents = ItemKind(rawValue: 16)
    }

    private func itemKind(_ type: JSONString) -> ItemKind {
        if scanner.isEqualIgnoringCase(type, "item_reference") { return [.known, .reference] }
        if scanner.isEqualIgnoringCase(type, "image_generation_call") { return [.known, .image] }
        if scanner.isEqualIgnoringCase(type, "reasoning") { return [.known, .reasoning] }
        if scanner.isEqual(type, "web_search_call") { return [.known, .withoutContents] }
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
                    bounds.images += 1
                } else if scanner.isEqual(type, "input_audio") {
                    required.insert(.audio)
                    bounds.hasUnboundedInput = true
                } else if scanner.isEqual(type, "input_file") {
                    required.insert(.files)
                    bounds.hasUnboundedInput = true
                }
            } else {
                _ = try readReference(key)
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
            // A list of tools within a tool.
            if scanner.isEqualIgnoringCase(key, "tools") {
                try readTools()
            } else if scanner.isEqual(key, "type"), try scanner.peek() == Byte.quote {
                if hasFee(try scanner.string()) { recordBillingModifier("tools") }
            } else {
                _ = try readReference(key)
            }
        }
    }

    /// Whether the provider bills calls of a built-in tool besides tokens
    /// (https://platform.openai.com/docs/pricing, built-in tools).
    private func hasFee(_ type: JSONString) -> Bool {
        Self.toolsWithFee.contains { scanner.isEqual(type, $0) }
            || scanner.text(type, limit: 11).hasPrefix("web_search")
    }

    private static let toolsWithFee: [StaticString] = [
        "file_search", "code_interpreter", "image_generation", "shell", "container",
    ]
}
