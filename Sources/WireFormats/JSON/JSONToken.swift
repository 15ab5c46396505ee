/// A JSON string where it stands in the bytes.
struct JSONString {
    /// The bytes between the quotes.
    let contents: Range<Int>
    let hasEscapes: Bool

    /// The bytes with the quotes.
    @inline(__always)
    var span: Range<Int> { contents.lowerBound &- 1..<contents.upperBound &+ 1 }
}

/// A JSON value where it stands in the bytes.
struct JSONValue {
    enum Kind {
        case object, array, string, number, bool, null
    }

    let kind: Kind
    let span: Range<Int>
    /// A string, object or array with nothing in it.
    let isEmpty: Bool

    /// A string, object or array with something in it.
    @inline(__always)
    var hasContents: Bool {
        switch kind {
        case .object, .array, .string: !isEmpty
        case .number, .bool, .null: false
        }
    }
}
