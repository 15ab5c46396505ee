extension MappingReader {
    /// Reads the mapping at `key`. An absent mapping counts as empty, so its defaults apply.
    func section<Value>(_ key: String, _ read: (MappingReader) -> Value) -> Value {
        let node = node(key)
        return readMapping(node, at: place(of: key), recordIn: key, read)
    }

    /// Reads the mapping at `key`, if it is present.
    func optionalSection<Value>(_ key: String, _ read: (MappingReader) -> Value) -> Value? {
        guard let node = node(key) else {
            refuseBlank(key, "its keys")
            return nil
        }
        return readMapping(node, at: place(of: key), recordIn: key, read)
    }

    /// Reads the required mapping at `key`.
    func requiredSection<Value>(_ key: String, _ expected: String, _ read: (MappingReader) -> Value) -> Value? {
        guard node(key) != nil else {
            missing(key, expected)
            return nil
        }
        return optionalSection(key, read)
    }

    /// Reads the list of mappings at `key`. An absent list counts as empty.
    func list<Value>(_ key: String, _ read: (MappingReader) -> Value) -> [Located<Value>] {
        var values: [Located<Value>] = []
        var shown: [EffectiveValue] = []
        for (item, place) in items(key) {
            let reader = MappingReader(item, at: place, context: context)
            values.append(Located(value: read(reader), place: place))
            reader.finish()
            shown.append(.mapping(reader.effective))
        }
        record(key, .list(shown))
        return values
    }

    /// The items of the list at `key` with their places; empty if it is absent or not a list.
    func items(_ key: String) -> [(node: DocumentNode, place: Place)] {
        guard let node = node(key) else {
            refuseBlank(key, "a list, `[]` for an empty one")
            return []
        }
        guard case .sequence(let items) = node.content else {
            error(key, "must be a list")
            return []
        }
        let path = place(of: key).path
        return items.enumerated().map { ($1, Place(position: $1.position, path: "\(path)[\($0)]")) }
    }

    private func readMapping<Value>(
        _ node: DocumentNode?, at place: Place, recordIn key: String, _ read: (MappingReader) -> Value
    ) -> Value {
        let reader = MappingReader(node, at: place, context: context)
        let value = read(reader)
        reader.finish()
        record(key, .mapping(reader.effective))
        return value
    }
}
