/// Checks one JSON value of any kind and depth, in parts of any size, without recursion.
struct JSONWalker {
    private enum Place {
        case value, firstElement, firstKey, key, colon, afterValue
        case inString, inKey, inNumber, inLiteral
    }

    private var place = Place.value
    private var containers: JSONContainers
    private var string = JSONStringLexer()
    private var number: JSONNumberLexer
    private var literal = JSONLiteralLexer()
    private let dialect: JSONDialect
    private(set) var watch: JSONMemberWatch?

    /// A walker for a value with `depth` containers open around it.
    init(depth: Int, _ dialect: JSONDialect, watch: JSONMemberWatch? = nil) {
        self.dialect = dialect
        self.watch = watch
        number = JSONNumberLexer(dialect)
        containers = JSONContainers(outside: depth)
    }

    /// Whether the text may end here: a number has no end mark.
    var isWholeNumber: Bool {
        place == .inNumber && containers.isEmpty && number.isWhole
    }

    mutating func takeWatched() -> [[UInt8]] { watch?.takeFound() ?? [] }

    /// Continues at `start`. Returns the index after the value, or nil if the bytes end before its end is known.
    mutating func run(_ bytes: Bytes, from start: Int) throws(JSONSyntaxError) -> Int? {
        guard watch != nil else { return try advance(bytes, from: start) }
        watch?.resume(at: start)
        let end = try advance(bytes, from: start)
        if end == nil { watch?.suspend(bytes) }
        return end
    }

    private mutating func advance(_ bytes: Bytes, from start: Int) throws(JSONSyntaxError) -> Int? {
        var index = start
        while true {
            switch place {
            case .inString, .inKey:
                let end = try string.run(bytes, from: index)
                if watch != nil, place == .inKey, containers.count == JSONMemberWatch.depth {
                    let piece = bytes.part(index..<(end.map { $0 &- 1 } ?? bytes.count))
                    watch?.readKey(piece, isWhole: end != nil, hasEscapes: string.hasEscapes)
                }
                guard let end else { return nil }
                index = end
                if place == .inKey {
                    place = .colon
                    continue
                }
                place = .afterValue
            case .inNumber:
                guard let end = try number.run(bytes, from: index) else { return nil }
                index = end
                place = .afterValue
            case .inLiteral:
                guard let end = try literal.run(bytes, from: index) else { return nil }
                index = end
                place = .afterValue
            case .value, .firstElement, .firstKey, .key, .colon, .afterValue:
                while index < bytes.count, Byte.isWhitespace(bytes[index]) { index &+= 1 }
                guard index < bytes.count else { return nil }
                index = try take(bytes[index], at: index)
            }
            guard place == .afterValue else { continue }
            if containers.isEmpty { return index }
            if watch != nil, containers.count == JSONMemberWatch.depth { watch?.endValue(bytes, at: index) }
        }
    }

    /// Reads the first byte of a token; returns the index of the next one.
    @inline(__always)
    private mutating func take(_ byte: UInt8, at index: Int) throws(JSONSyntaxError) -> Int {
        switch place {
        case .colon where byte == Byte.colon: place = .value
        case .key where byte == Byte.quote, .firstKey where byte == Byte.quote:
            string = JSONStringLexer()
            place = .inKey
        case .firstKey where byte == Byte.closeBrace, .firstElement where byte == Byte.closeBracket:
            containers.pop()
            place = .afterValue
        case .afterValue where byte == Byte.comma:
            place = containers.innermostIsObject ? .key : .value
        case .afterValue where byte == (containers.innermostIsObject ? Byte.closeBrace : Byte.closeBracket):
            containers.pop()
        case .value, .firstElement:
            if watch != nil, containers.count == JSONMemberWatch.depth { watch?.beginValue(at: index) }
            return try beginValue(byte, at: index)
        default: throw JSONSyntaxError(offset: index, reason: .unexpectedByte)
        }
        return index &+ 1
    }

    @inline(__always)
    private mutating func beginValue(_ byte: UInt8, at index: Int) throws(JSONSyntaxError) -> Int {
        switch byte {
        case Byte.quote:
            string = JSONStringLexer()
            place = .inString
        case Byte.openBrace, Byte.openBracket:
            guard containers.push(isObject: byte == Byte.openBrace) else {
                throw JSONSyntaxError(offset: index, reason: .nestedTooDeeply)
            }
            place = byte == Byte.openBrace ? .firstKey : .firstElement
        case Byte.minus, Byte.zero...Byte.nine:
            number = JSONNumberLexer(dialect)
            place = .inNumber
            return index
        default:
            guard literal.begin(byte, dialect) else { throw JSONSyntaxError(offset: index, reason: .unexpectedByte) }
            place = .inLiteral
        }
        return index &+ 1
    }
}
