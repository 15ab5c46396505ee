/// Reads a complete JSON text in memory, in one pass: the caller enters the containers that it needs and skips the
/// rest; the scanner validates all of it against RFC 8259.
///
/// In an object the caller reads keys until nil, and exactly one value after each; in an array it asks for the next
/// element, and reads it.
struct JSONScanner {
    let bytes: Bytes
    private let dialect: JSONDialect
    private(set) var position = 0
    private(set) var depth = 0
    /// No element of the innermost container has been read.
    private var isAtStart = false

    @inline(__always)
    init(_ bytes: Bytes, _ dialect: JSONDialect = .strict) {
        self.bytes = bytes
        self.dialect = dialect
    }

    /// The first byte of the next token, which is not consumed.
    @inline(__always)
    mutating func peek() throws(JSONSyntaxError) -> UInt8 {
        while position < bytes.count {
            let byte = bytes[position]
            if !Byte.isWhitespace(byte) { return byte }
            position &+= 1
        }
        throw JSONSyntaxError(offset: bytes.count, reason: .unexpectedEnd)
    }

    /// Checks that only whitespace is left.
    mutating func finish() throws(JSONSyntaxError) {
        while position < bytes.count {
            guard Byte.isWhitespace(bytes[position]) else {
                throw JSONSyntaxError(offset: position, reason: .trailingBytes)
            }
            position &+= 1
        }
    }

    // MARK: Containers

    /// Consumes the opening brace that `peek` returned.
    @inline(__always)
    mutating func enterObject() throws(JSONSyntaxError) {
        try enter(Byte.openBrace)
    }

    /// Consumes the opening bracket that `peek` returned.
    @inline(__always)
    mutating func enterArray() throws(JSONSyntaxError) {
        try enter(Byte.openBracket)
    }

    /// Reads the next key of the object and its colon; nil after the closing brace.
    @inline(__always)
    mutating func nextKey() throws(JSONSyntaxError) -> JSONString? {
        guard try nextMember(close: Byte.closeBrace) else { return nil }
        let key = try string()
        guard try peek() == Byte.colon else { throw JSONSyntaxError(offset: position, reason: .unexpectedByte) }
        position &+= 1
        return key
    }

    /// Whether another element follows; if not, consumes the closing bracket.
    @inline(__always)
    mutating func nextElement() throws(JSONSyntaxError) -> Bool {
        try nextMember(close: Byte.closeBracket)
    }

    @inline(__always)
    private mutating func enter(_ open: UInt8) throws(JSONSyntaxError) {
        guard try peek() == open else { throw JSONSyntaxError(offset: position, reason: .unexpectedByte) }
        guard depth < JSONContainers.limit else { throw JSONSyntaxError(offset: position, reason: .nestedTooDeeply) }
        position &+= 1
        depth &+= 1
        isAtStart = true
    }

    @inline(__always)
    private mutating func nextMember(close: UInt8) throws(JSONSyntaxError) -> Bool {
        let byte = try peek()
        if byte == close {
            position &+= 1
            depth &-= 1
            isAtStart = false
            return false
        }
        if isAtStart {
            isAtStart = false
            return true
        }
        guard byte == Byte.comma else { throw JSONSyntaxError(offset: position, reason: .unexpectedByte) }
        position &+= 1
        // A comma must be followed by another member: `[1,]` is not JSON.
        guard try peek() != close else { throw JSONSyntaxError(offset: position, reason: .unexpectedByte) }
        return true
    }

    // MARK: Values

    /// Reads a string.
    @inline(__always)
    mutating func string() throws(JSONSyntaxError) -> JSONString {
        guard try peek() == Byte.quote else { throw JSONSyntaxError(offset: position, reason: .unexpectedByte) }
        let start = position &+ 1
        let plainEnd = bytes.endOfPlainText(from: start)
        if plainEnd < bytes.count, bytes[plainEnd] == Byte.quote {
            position = plainEnd &+ 1
            return JSONString(contents: start..<plainEnd, hasEscapes: false)
        }
        var lexer = JSONStringLexer()
        guard let end = try lexer.run(bytes, from: plainEnd) else {
            throw JSONSyntaxError(offset: bytes.count, reason: .unexpectedEnd)
        }
        position = end
        return JSONString(contents: start..<end &- 1, hasEscapes: lexer.hasEscapes)
    }

    /// Reads a value of any kind.
    mutating func value() throws(JSONSyntaxError) -> JSONValue {
        let first = try peek()
        let start = position
        switch first {
        case Byte.quote:
            let contents = try string().contents
            return JSONValue(kind: .string, span: start..<position, isEmpty: contents.isEmpty)
        case Byte.openBrace, Byte.openBracket:
            return try container(first, from: start)
        case Byte.minus, Byte.zero...Byte.nine:
            var lexer = JSONNumberLexer(dialect)
            if let end = try lexer.run(bytes, from: start) {
                position = end
            } else {
                guard lexer.isWhole else { throw JSONSyntaxError(offset: bytes.count, reason: .unexpectedEnd) }
                position = bytes.count
            }
            return JSONValue(kind: .number, span: start..<position, isEmpty: false)
        default:
            var lexer = JSONLiteralLexer()
            guard lexer.begin(first, dialect) else { throw JSONSyntaxError(offset: start, reason: .unexpectedByte) }
            guard let end = try lexer.run(bytes, from: start &+ 1) else {
                throw JSONSyntaxError(offset: bytes.count, reason: .unexpectedEnd)
            }
            position = end
            let kind: JSONValue.Kind =
                switch first {
                case UInt8(ascii: "n"): .null
                case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
                default: .number
                }
            return JSONValue(kind: kind, span: start..<end, isEmpty: false)
        }
    }

    private mutating func container(_ first: UInt8, from start: Int) throws(JSONSyntaxError) -> JSONValue {
        var walker = JSONWalker(depth: depth, dialect)
        guard let end = try walker.run(bytes, from: start) else {
            throw JSONSyntaxError(offset: bytes.count, reason: .unexpectedEnd)
        }
        position = start &+ 1
        let isEmpty = try peek() == (first == Byte.openBrace ? Byte.closeBrace : Byte.closeBracket)
        position = end
        return JSONValue(kind: first == Byte.openBrace ? .object : .array, span: start..<end, isEmpty: isEmpty)
    }
}
