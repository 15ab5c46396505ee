/// Checks `true`, `false` or `null`, in parts of any size.
struct JSONLiteralLexer {
    /// The remaining letters, the next one in the lowest byte.
    private var rest: UInt64 = 0

    /// Starts the word that begins with `first`; false if no word does.
    mutating func begin(_ first: UInt8) -> Bool {
        switch first {
        case UInt8(ascii: "t"): rest = 0x65_7572  // rue
        case UInt8(ascii: "f"): rest = 0x6573_6c61  // alse
        case UInt8(ascii: "n"): rest = 0x6c_6c75  // ull
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
