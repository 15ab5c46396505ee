/// A type of scalar: how to read it from the document, the error for another value, and how to show it.
struct ScalarKind<Value> {
    /// Completes "must be …".
    let expected: String
    /// Whether a reference such as `env.NAME` is allowed. Never for ids, keys, names and tags.
    var mayBeReference = true
    /// Nil for a value of another type.
    let read: (DocumentNode.Scalar) -> Value?
    /// More advice for an invalid value. Called only for text that is written in the document.
    var advice: (DocumentNode.Scalar) -> String = { _ in "" }
    let show: (Value) -> EffectiveValue
}

extension ScalarKind {
    /// Reads from a string; an unquoted number or boolean is not a string.
    static func string(
        _ expected: String, mayBeReference: Bool = true, advice: @escaping (String) -> String = { _ in "" },
        show: @escaping (Value) -> String, read: @escaping (String) -> Value?
    ) -> ScalarKind {
        ScalarKind(
            expected: expected, mayBeReference: mayBeReference,
            read: { $0.isString ? read($0.text) : nil },
            advice: {
                $0.isString
                    ? advice($0.text) : "; it is a \($0.isNumber ? "number" : "boolean") here, so put it in quotes"
            },
            show: { value in
                let text = show(value)
                // A text that looks like a reference can only have come from `literal.`.
                return .text(mayBeReference && ValueReference(text) != nil ? "literal.\(text)" : text)
            })
    }
}

extension DocumentNode.Scalar {
    /// As in YAML 1.2: `yes`, `no`, `on` and `off` are strings.
    var isBoolean: Bool { isPlain && (text == "true" || text == "false") }

    /// A number in decimal notation, finite or not.
    var isNumber: Bool {
        isPlain && text.wholeMatch(of: /[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil
    }

    var isString: Bool { !isNumber && !isBoolean }
}
