/// Checks `true`, `false` or `null`, and in answers `NaN` and `Infinity`, in parts of any size.
struct JSONLiteralLexer {
    /// The remaining letters, the next one in the lowest byte.
    private var rest: UInt64 = 0

    /// The word `Infinity` without its first letter.
    static let nfinity: UInt64 = 0x79_7469_6e69_666e

    /// Starts the word that begins with `first`; false if no word does.
    @inline(__always)
    mutating func begin(_ first: UInt8, _ dialect: JSONDialect) -> Bool {
        switch first {
        case UInt8(ascii: "t"): rest = 0x65_7572  // rue
        case UInt8(ascii: "f"): rest = 0x6573_6c61  // alse
        case UInt8(ascii: "n"): rest = 0x6c_6c75  // ull
        case UInt8(ascii: "N") where dialect == .answer: rest = 0x4e_61  // aN
        case UInt8(ascii: "I") where dialect == .answer: rest = Self.nfinity
        default: return false
        }
        return true
    }

    /// Continues at `start`. Returns the index after the word, or nil when the bytes end before it.
    mutating func run(_ bytes: Bytes, from start: Int) throws(JSONSyntaxError) -> Int? {
        var index = start
        while rest != 0 {
            guard index < bytes.count else { return nil }
            guard bytes[index] == UInt8(truncatingIfNeeded: rest) else {
                throw JSONSyntaxError(offset: index, reason: .badLiteral)
            }
            rest &>>= 8
            index &+= 1
        }
        return index
    }
}
