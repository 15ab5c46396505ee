extension MappingReader {
    /// The mapping at `key` as a JSON object, unchanged: it has no references, and any key except the reserved ones,
    /// which are refused at its top level.
    func jsonObject(_ key: String, reserved: Set<String>) -> JSONValue? {
        guard let node = node(key) else { return nil }
        guard case .mapping(let entries) = node.content else {
            error(key, "must be a mapping, which is sent as a JSON object")
            return nil
        }
        for entry in entries where reserved.contains(entry.key) {
            let place = Place(position: entry.position, path: "\(place(of: key).path).\(entry.key)")
            context.error(at: place, "the gateway sets this field itself")
        }
        let value = JSONValue(node)
        record(key, value.effective)
        return value
    }
}

extension JSONValue {
    fileprivate init(_ node: DocumentNode) {
        switch node.content {
        case .null: self = .null
        case .scalar(let scalar) where scalar.isBoolean: self = .boolean(scalar.text == "true")
        case .scalar(let scalar) where scalar.isJSONNumber: self = .number(scalar.text)
        case .scalar(let scalar): self = .string(scalar.text)
        case .sequence(let items): self = .array(items.map(JSONValue.init))
        case .mapping(let entries): self = .object(entries.map { Member(name: $0.key, value: JSONValue($0.value)) })
        }
    }

    fileprivate var effective: EffectiveValue {
        switch self {
        case .null: .null
        case .boolean(let value): .bare(value ? "true" : "false")
        case .number(let text): .bare(text)
        case .string(let text): .text(text)
        case .array(let items): .list(items.map(\.effective))
        case .object(let members):
            .mapping(members.map { EffectiveValue.Entry(key: $0.name, value: $0.value.effective) })
        }
    }
}

extension DocumentNode.Scalar {
    fileprivate var isJSONNumber: Bool {
        isPlain && text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil
    }
}
