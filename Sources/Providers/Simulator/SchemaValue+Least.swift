/// The least value that satisfies a JSON schema (https://json-schema.org/draft/2020-12/json-schema-validation), as far
/// as schemas of structured output and of tools go: patterns are not looked at.
extension SchemaValue {
    /// Schemas may refer to themselves.
    private static let maxDepth = 16
    /// Of an array or a text.
    private static let maxLength = 1024

    /// The least value for this schema.
    var least: SchemaValue { least(in: self, depth: 0) }

    /// The least value if that is an object, as the arguments of a function are; else an empty one.
    var leastObject: SchemaValue {
        if case .object = least { least } else { .object([]) }
    }

    private func least(in root: SchemaValue, depth: Int) -> SchemaValue {
        guard depth < Self.maxDepth, case .object(let members) = self else { return .object([]) }
        if let value = self["const"] { return value }
        if let value = self["enum"]?.list?.first { return value }
        if let path = self["$ref"]?.text {
            return root.definition(at: path)?.least(in: root, depth: depth + 1) ?? .object([])
        }
        for name in ["anyOf", "oneOf"] {
            if let first = self[name]?.list?.first { return first.least(in: root, depth: depth + 1) }
        }
        if let all = self["allOf"]?.list, !all.isEmpty {
            return merged(all.map { $0.least(in: root, depth: depth + 1) }, with: leastOfType(root, depth))
        }
        // Any value will do.
        return members.isEmpty ? .string("") : leastOfType(root, depth)
    }

    /// The first type but null, if there are several.
    private var typeName: String? {
        guard let type = self["type"] else {
            if self["properties"] != nil || self["required"] != nil { return "object" }
            return self["items"] != nil ? "array" : nil
        }
        let names = type.list?.compactMap(\.text) ?? [type.text].compactMap(\.self)
        return names.first { $0 != "null" } ?? names.first
    }

    private func leastOfType(_ root: SchemaValue, _ depth: Int) -> SchemaValue {
        switch typeName {
        case "object": leastObject(root, depth)
        case "array": leastArray(root, depth)
        case "integer": .integer(Int(exactly: leastNumber.rounded(.up)) ?? 0)
        case "number":
            Int(exactly: leastNumber).map(SchemaValue.integer) ?? .number(leastNumber)
        case "boolean": .bool(false)
        case "null": .null
        default: .string(leastText)
        }
    }

    private func leastObject(_ root: SchemaValue, _ depth: Int) -> SchemaValue {
        let names = self["required"]?.list?.compactMap(\.text) ?? []
        let properties = self["properties"]
        return .object(
            names.prefix(Self.maxLength).map { name in
                Member(name: name, value: (properties?[name] ?? .object([])).least(in: root, depth: depth + 1))
            })
    }

    private func leastArray(_ root: SchemaValue, _ depth: Int) -> SchemaValue {
        let count = max(0, min(self["minItems"]?.integer ?? 0, Self.maxLength))
        let first = self["prefixItems"]?.list ?? []
        return .array(
            (0..<count).map { index in
                let schema = index < first.count ? first[index] : self["items"] ?? .object([])
                return schema.least(in: root, depth: depth + 1)
            })
    }

    /// Zero, or what is nearest to it.
    private var leastNumber: Double {
        let step = self["multipleOf"]?.double ?? (typeName == "integer" ? 1 : 0)
        var number = 0.0
        if let low = self["minimum"]?.double, low > number { number = low }
        if let low = self["exclusiveMinimum"]?.double, low >= number { number = low + (step > 0 ? step : 1) }
        if let high = self["maximum"]?.double, high < number { number = high }
        if let high = self["exclusiveMaximum"]?.double, high <= number { number = high - (step > 0 ? step : 1) }
        guard step > 0 else { return number }
        let steps = number / step
        return (number < 0 ? steps.rounded(.down) : steps.rounded(.up)) * step
    }

    private var leastText: String {
        switch self["format"]?.text {
        case "date-time": return "2000-01-01T00:00:00Z"
        case "date": return "2000-01-01"
        case "time": return "00:00:00Z"
        case "duration": return "PT0S"
        case "email": return "a@example.com"
        case "uri", "url", "iri": return "https://example.com/"
        case "hostname": return "example.com"
        case "ipv4": return "192.0.2.1"
        case "ipv6": return "2001:db8::1"
        case "uuid": return "00000000-0000-0000-0000-000000000000"
        default: return String(repeating: "x", count: max(0, min(self["minLength"]?.integer ?? 0, Self.maxLength)))
        }
    }

    /// `#/$defs/name`, or the root itself.
    private func definition(at path: String) -> SchemaValue? {
        guard path.hasPrefix("#") else { return nil }
        return path.dropFirst().split(separator: "/").reduce(SchemaValue?.some(self)) { schema, name in
            schema?[String(name).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
    }

    /// The members of all objects, each once.
    private func merged(_ values: [SchemaValue], with own: SchemaValue) -> SchemaValue {
        var members: [Member] = []
        for case .object(let more) in values + [own] {
            members += more.filter { member in !members.contains { $0.name == member.name } }
        }
        let isObject = values.contains { if case .object = $0 { true } else { false } }
        return isObject ? .object(members) : values.first ?? own
    }
}

extension SchemaValue? {
    fileprivate subscript(name: String) -> SchemaValue? { flatMap { $0[name] } }
}
