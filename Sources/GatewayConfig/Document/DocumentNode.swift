/// A place in the text, counted from 1; columns in Unicode scalars.
struct Position: Hashable, Comparable {
    let line: Int
    let column: Int

    static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// The document as a tree of values with their places, for the readers. Aliases are already expanded.
struct DocumentNode {
    enum Content {
        case null
        case scalar(Scalar)
        case sequence([DocumentNode])
        case mapping([Entry])
    }

    /// A scalar as written. The reader decides its type by what it expects.
    struct Scalar {
        let text: String
        /// Without quotes: only such a scalar can be a number or a boolean.
        let isPlain: Bool
    }

    struct Entry {
        let key: String
        /// As the node's.
        let position: Position?
        let value: DocumentNode
    }

    /// Nil where no text was written by an operator.
    let position: Position?
    let content: Content
    /// A null that is not written as one: nothing stands behind the key.
    var isBlank = false

    var isNull: Bool {
        if case .null = content { true } else { false }
    }
}
