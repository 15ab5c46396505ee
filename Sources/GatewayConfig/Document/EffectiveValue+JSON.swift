extension EffectiveValue {
    /// The value as compact JSON, which is YAML too. Keys keep the order of reading, so equal values give equal texts.
    var json: String {
        switch self {
        case .null: "null"
        case .bare(let text): text
        case .text(let text): JSONValue.string(text).text
        case .referenced(_, let value): value.json
        case .list(let items): "[" + items.map(\.json).joined(separator: ",") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(JSONValue.string($0.key).text):\($0.value.json)" }.joined(separator: ",") + "}"
        }
    }
}

extension MappingReader {
    /// What has been read so far, as a JSON object without `excluded` and without absent keys.
    func json(without excluded: Set<String>) -> String {
        EffectiveValue.mapping(effective.filter { !excluded.contains($0.key) && $0.value != .null }).json
    }
}
