/// Follows the top level of one JSON object of an answer that arrives in parts, and validates everything within it.
struct JSONObjectStream {
    /// The found token. Positions are those in the current part.
    enum Step {
        /// The value of the member `key` begins at this index with this byte.
        case valueBegan(at: Int, UInt8)
        /// The value of the member ends before this index.
        case valueEnded(at: Int)
        /// The object's closing brace.
        case ended
    }

    /// A member of the objects in an array that is a member of this object.
    struct Watched: Sendable {
        let array: StaticString
        let member: StaticString
    }

    init(watching watched: Watched? = nil) {
        self.watched = watched
    }

    /// The values of the watched member that have come since the last call; of very long ones the start.
    mutating func takeWatched() -> [[UInt8]] {
        guard watched != nil else { return [] }
        defer { watchedValues = [] }
        return watchedValues + value.takeWatched()
    }

    private enum Place {
        case start, firstKey, key, inKey, colon, value, inValue, afterValue, ended
    }

    private var place = Place.start
    private var keyLexer = JSONStringLexer()
    private var value = JSONWalker(depth: 1, .answer)
    private let watched: Watched?
    private var watchedValues: [[UInt8]] = []
    private var passed = 0
    private var keyBytes: [UInt8] = []
    /// Longer keys do not match: the longest needed key has 7 letters, 42 bytes if all are escaped.
    private static let keyLimit = 64

    /// Whether the object is closed.
    var isEnded: Bool { place == .ended }

    /// Whether the key of the current member, its escapes resolved, is `name`, which must be ASCII.
    func isKey(_ name: StaticString) -> Bool {
        keyBytes.withBytes { bytes in
            let hasEscapes = keyLexer.hasEscapes
            return JSONScanner(bytes).isEqual(JSONString(contents: 0..<bytes.count, hasEscapes: hasEscapes), name)
        }
    }

    /// Continues at `index`, and moves it. Nil at the end of the part. Errors have their offset in the complete text.
    mutating func next(_ bytes: Bytes, _ index: inout Int) throws(JSONSyntaxError) -> Step? {
        do throws(JSONSyntaxError) {
            let step = try advance(bytes, &index)
            if step == nil { passed += bytes.count }
            return step
        } catch {
            throw error.shifted(by: passed)
        }
    }

    private mutating func advance(_ bytes: Bytes, _ index: inout Int) throws(JSONSyntaxError) -> Step? {
        while true {
            switch place {
            case .inKey:
                let start = index
                let end = try keyLexer.run(bytes, from: start)
                keepKey(bytes.part(start..<(end.map { $0 - 1 } ?? bytes.count)))
                index = end ?? bytes.count
                if end == nil { return nil }
                place = .colon
            case .inValue:
                guard let end = try value.run(bytes, from: index) else {
                    index = bytes.count
                    return nil
                }
                index = end
                place = .afterValue
                if watched != nil { watchedValues += value.takeWatched() }
                return .valueEnded(at: end)
            default:
                while index < bytes.count, Byte.isWhitespace(bytes[index]) { index += 1 }
                guard index < bytes.count else { return nil }
                if let step = try take(bytes[index], at: &index) { return step }
            }
        }
    }

    private mutating func take(_ byte: UInt8, at index: inout Int) throws(JSONSyntaxError) -> Step? {
        switch (place, byte) {
        case (.value, _):
            let watch = watched.flatMap {
                byte == Byte.openBracket && isKey($0.array) ? JSONMemberWatch($0.member) : nil
            }
            value = JSONWalker(depth: 1, .answer, watch: watch)
            place = .inValue
            return .valueBegan(at: index, byte)
        case (.start, Byte.openBrace): place = .firstKey
        case (.firstKey, Byte.quote), (.key, Byte.quote):
            keyLexer = JSONStringLexer()
            keyBytes.removeAll(keepingCapacity: true)
            place = .inKey
        case (.colon, Byte.colon): place = .value
        case (.afterValue, Byte.comma): place = .key
        case (.afterValue, Byte.closeBrace), (.firstKey, Byte.closeBrace):
            place = .ended
            index += 1
            return .ended
        case (.ended, _): throw JSONSyntaxError(offset: index, reason: .trailingBytes)
        default: throw JSONSyntaxError(offset: index, reason: .unexpectedByte)
        }
        index += 1
        return nil
    }

    private mutating func keepKey(_ bytes: Bytes) {
        keyBytes.append(contentsOf: bytes.buffer.prefix(Self.keyLimit + 1 - keyBytes.count))
    }
}
