import GatewayCore

/// Turns a JSON text (RFC 8259) into a `DocumentNode` without a place: what is stored has no lines that an operator
/// wrote.
///
/// Names keep their order and numbers their notation, which Foundation's decoders do not keep. Every character may
/// stand in a string, unlike in YAML. A name that stands in an object twice is refused.
struct JSONNodeReader {
    /// What is wrong, without the text itself, which may contain a secret.
    struct Failure: Error {
        let message: String
    }

    private let bytes: [UInt8]
    private var index = 0

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The value that is all of `text`.
    static func read(_ text: String) throws(Failure) -> DocumentNode {
        var reader = JSONNodeReader(text)
        let node = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.index == reader.bytes.count else { throw reader.failure("something follows its end") }
        return node
    }

    private mutating func value(depth: Int) throws(Failure) -> DocumentNode {
        guard depth <= DocumentLoader.maxDepth else {
            throw failure("it is nested more than \(DocumentLoader.maxDepth) levels deep")
        }
        skipSpace()
        let content: DocumentNode.Content =
            switch next {
            case UInt8(ascii: "{"): .mapping(try object(depth: depth))
            case UInt8(ascii: "["): .sequence(try array(depth: depth))
            case UInt8(ascii: "\""): .scalar(DocumentNode.Scalar(text: try string(), isPlain: false))
            case UInt8(ascii: "t"): .scalar(DocumentNode.Scalar(text: try word("true"), isPlain: true))
            case UInt8(ascii: "f"): .scalar(DocumentNode.Scalar(text: try word("false"), isPlain: true))
            case UInt8(ascii: "n"): try null()
            default: .scalar(DocumentNode.Scalar(text: try number(), isPlain: true))
            }
        return DocumentNode(position: nil, content: content)
    }

    private mutating func object(depth: Int) throws(Failure) -> [DocumentNode.Entry] {
        index += 1
        skipSpace()
        guard !take("}") else { return [] }
        var entries: [DocumentNode.Entry] = []
        var names: Set<[UInt8]> = []
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a name is missing") }
            let name = try string()
            guard names.insert(Array(name.utf8)).inserted else { throw failure("a name stands in an object twice") }
            skipSpace()
            guard take(":") else { throw failure("a colon is missing") }
            entries.append(DocumentNode.Entry(key: name, position: nil, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("an object does not end") }
        return entries
    }

    private mutating func array(depth: Int) throws(Failure) -> [DocumentNode] {
        index += 1
        skipSpace()
        guard !take("]") else { return [] }
        var items: [DocumentNode] = []
        repeat {
            items.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("an array does not end") }
        return items
    }

    private mutating func null() throws(Failure) -> DocumentNode.Content {
        _ = try word("null")
        return .null
    }

    private mutating func word(_ word: String) throws(Failure) -> String {
        guard bytes[index...].starts(with: word.utf8) else { throw failure("a value is missing") }
        index += word.utf8.count
        return word
    }

    /// In JSON's notation, which has no leading zeros and no bare points.
    private mutating func number() throws(Failure) -> String {
        let start = index
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            try digits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() throws(Failure) {
        let start = index
        while let byte = next, byte.isASCIIDigit { index += 1 }
        guard index > start else { throw failure("a value is missing") }
    }

    private mutating func string() throws(Failure) -> String {
        index += 1
        var text: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += Array(String(try escaped()).utf8)
            case 0..<0x20: throw failure("a control character is not escaped")
            default: text.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    private mutating func escaped() throws(Failure) -> Unicode.Scalar {
        let byte = next
        index += 1
        switch byte {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar()
        case UInt8(ascii: "\"")?, UInt8(ascii: "\\")?, UInt8(ascii: "/")?: return Unicode.Scalar(byte ?? 0)
        default: throw failure("a backslash stands before something else than an escape")
        }
    }

    /// A scalar beyond U+FFFF stands as two surrogates.
    private mutating func escapedScalar() throws(Failure) -> Unicode.Scalar {
        let first = try codeUnit()
        var units = [first]
        if UTF16.isLeadSurrogate(first), take("\\"), take("u") { units.append(try codeUnit()) }
        var decoder = UTF16()
        var iterator = units.makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator), iterator.next() == nil else {
            throw failure("an escaped surrogate stands alone")
        }
        return scalar
    }

    private mutating func codeUnit() throws(Failure) -> UInt16 {
        let digits = bytes[index...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("an escape has no four hexadecimal digits") }
        index += 4
        return unit
    }

    private var next: UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { index += 1 }
    }

    private func failure(_ reason: String) -> Failure {
        Failure(message: "is not valid JSON: \(reason) (at byte \(index))")
    }
}
