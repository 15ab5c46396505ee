import GatewayCore

/// The search for references to what the provider stores. By reference, not by shape: the members that name such an
/// object count wherever they stand, in any case and in any list; a name that is empty names nothing.
extension RequestScan {
    /// What was read.
    typealias Content = (isNull: Bool, hasContents: Bool)

    /// Reads an object, and records what its members refer to.
    mutating func readReferences() throws(JSONSyntaxError) {
        try scanner.enterObject()
        while let key = try scanner.nextKey() { _ = try readReference(key) }
    }

    /// Reads a value of any kind, and records what its members refer to.
    mutating func readNestedReferences() throws(JSONSyntaxError) {
        _ = try readReference(named: nil)
    }

    /// Reads the value of `key`, and records what it or its members refer to.
    mutating func readReference(_ key: JSONString) throws(JSONSyntaxError) -> Content {
        guard !isOpaque(key) else { return content(of: try scanner.value()) }
        let name = Self.references.first { scanner.isEqualIgnoringCase(key, $0) }
        return try readReference(named: name)
    }

    private mutating func readReference(named name: StaticString?) throws(JSONSyntaxError) -> Content {
        switch try scanner.peek() {
        case Byte.openBrace:
            var hasContents = false
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                hasContents = true
                // Such an object may be given with its id, in the place of the id itself.
                if let name, scanner.isEqualIgnoringCase(key, "id") {
                    _ = try readReference(named: name)
                } else {
                    _ = try readReference(key)
                }
            }
            return (false, hasContents)
        case Byte.openBracket:
            var hasContents = false
            try scanner.enterArray()
            while try scanner.nextElement() {
                hasContents = true
                _ = try readReference(named: name)
            }
            return (false, hasContents)
        default:
            let value = try scanner.value()
            if let name, value.kind == .string, !value.isEmpty { recordState("\(name)") }
            return content(of: value)
        }
    }

    private func content(of value: JSONValue) -> Content {
        (value.kind == .null, value.hasContents || value.kind == .number || value.kind == .bool)
    }

    /// Members of which a provider resolves nothing: schemas, the provider's own citations, the caller's labels.
    private func isOpaque(_ key: JSONString) -> Bool {
        ReferenceNames.opaque.contains { scanner.isEqual(key, $0) }
    }
}

private enum ReferenceNames {
    static let opaque: [StaticString] = [
        "parameters", "input_schema", "schema", "arguments", "annotations", "results", "metadata", "logprobs",
    ]
}
