import GatewayCore

extension MappingReader {
    /// The scalar at `key`, or `standard` where it is absent.
    func value<Value>(_ key: String, _ kind: ScalarKind<Value>, default standard: Value) -> Value {
        optional(key, kind, default: standard) ?? standard
    }

    /// The scalar at `key`; nil if it is absent and has no default, or invalid, which is reported.
    func optional<Value>(_ key: String, _ kind: ScalarKind<Value>, default standard: Value? = nil) -> Value? {
        guard let node = node(key) else {
            refuseBlank(key, kind.expected)
            record(key, standard.map(kind.show) ?? .null)
            return standard
        }
        guard let value = scalar(node, kind, at: place(of: key)) else { return nil }
        record(key, shown(value, kind, of: node))
        return value
    }

    /// The required scalar at `key`; nil if it is absent or invalid, which is reported.
    func required<Value>(_ key: String, _ kind: ScalarKind<Value>) -> Value? {
        guard node(key) != nil else {
            missing(key, kind.expected)
            return nil
        }
        return optional(key, kind)
    }

    /// The list of scalars at `key`, without duplicates, or `standard` if it is absent.
    func scalars<Value: Hashable>(
        _ key: String, _ kind: ScalarKind<Value>, default standard: [Value] = []
    ) -> [Located<Value>] {
        guard node(key) != nil else {
            refuseBlank(key, "a list, `[]` for an empty one")
            record(key, .list(standard.map(kind.show)))
            return standard.map { Located(value: $0, place: place) }
        }
        var values: [Located<Value>] = []
        var effective: [EffectiveValue] = []
        var seen: Set<Value> = []
        for (item, place) in items(key) {
            guard let value = scalar(item, kind, at: place) else { continue }
            if !seen.insert(value).inserted { context.error(at: place, "occurs twice in this list") }
            values.append(Located(value: value, place: place))
            effective.append(shown(value, kind, of: item))
        }
        record(key, .list(effective))
        return values
    }

    /// `value` as it is shown: what a variable or a file contains may be secret, whatever the setting is.
    private func shown<Value>(_ value: Value, _ kind: ScalarKind<Value>, of node: DocumentNode) -> EffectiveValue {
        guard case .scalar(let written) = node.content, let reference = ValueReference(written.text),
            kind.mayBeReference
        else { return kind.show(value) }
        switch reference {
        case .environment, .file: return .referenced(reference.text, kind.show(value))
        case .literal: return kind.show(value)
        }
    }

    /// Reads one scalar and resolves its reference.
    func scalar<Value>(_ node: DocumentNode, _ kind: ScalarKind<Value>, at place: Place) -> Value? {
        guard case .scalar(let written) = node.content else {
            context.error(at: place, "must be \(kind.expected)")
            return nil
        }
        guard let reference = ValueReference(written.text) else {
            if let value = kind.read(written) { return value }
            context.error(at: place, "must be \(kind.expected)\(kind.advice(written))")
            return nil
        }
        guard kind.mayBeReference else {
            context.error(at: place, "must be written here, not as a reference: \(kind.expected)")
            return nil
        }
        do {
            let text = try context.value(reference, at: place.path)
            // A variable has no quotes: its text is read as the expected type.
            for isPlain in [true, false] {
                if let value = kind.read(DocumentNode.Scalar(text: text, isPlain: isPlain)) { return value }
            }
            context.error(at: place, "the value of \(reference.text) must be \(kind.expected)")
        } catch {
            context.error(at: place, error.reason)
        }
        return nil
    }
}
