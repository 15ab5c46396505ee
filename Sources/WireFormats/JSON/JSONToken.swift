/// The place of a JSON string in the bytes.
struct JSONString {
    /// The bytes between the quotes.
    let contents: Range<Int>
    let hasEscapes: Bool

    /// The bytes with the quotes.
    @inline(__always)
    var span: Range<Int> { contents.lowerBound &- 1..<contents.upperBound &+ 1 }
}

/// The place of a JSON value in the bytes.
struct JSONValue {
    enum Kind {
        case object, array, string, number, bool, null
    }

    let kind: Kind
    let span: Range<Int>
    /// Whether it is an empty string, object or array.
    let isEmpty: Bool

    /// Whether it is a string, object or array that is not empty.
    @inline(__always)
    var hasContents: Bool {
        switch kind {
        case .object, .array, .string: !isEmpty
        case .number, .bool, .null: false
        }
    }
}
