/// Checks a number (RFC 8259, section 6), in parts of any size.
struct JSONNumberLexer {
    private enum State {
        case start, minus, zero, integer, point, fraction, exponent, exponentSign, exponentDigits
        /// Within `-Infinity`.
        case word
    }

    private let dialect: JSONDialect
    private var state = State.start
    /// The remaining letters of `-Infinity`, the next one in the lowest byte.
    private var letters: UInt64 = 0

    @inline(__always)
    init(_ dialect: JSONDialect) {
        self.dialect = dialect
    }

    /// Whether the bytes so far are a number.
    var isWhole: Bool {
        switch state {
        case .zero, .integer, .fraction, .exponentDigits: true
        case .start, .minus, .point, .exponent, .exponentSign: false
        case .word: letters == 0
        }
    }

    /// Continues at `start`. Returns the index of the first byte after the number, or nil if the bytes end first; then
    /// the number may continue in the next part.
    mutating func run(_ bytes: Bytes, from start: Int) throws(JSONSyntaxError) -> Int? {
        var index = start
        while index < bytes.count {
            guard let next = step(bytes[index]) else {
                if isWhole { return index }
                guard takeLetter(bytes[index]) else { throw JSONSyntaxError(offset: index, reason: .badNumber) }
                index &+= 1
                continue
            }
            state = next
            index &+= 1
            if next == .integer {
                while index < bytes.count, Byte.isDigit(bytes[index]) { index &+= 1 }
            }
        }
        return nil
    }

    /// Continues `-Infinity`; false for any other text.
    private mutating func takeLetter(_ byte: UInt8) -> Bool {
        switch state {
        case .minus where dialect == .answer && byte == UInt8(ascii: "I"):
            state = .word
            letters = JSONLiteralLexer.nfinity
        case .word where byte == UInt8(truncatingIfNeeded: letters): letters &>>= 8
        default: return false
        }
        return true
    }

    @inline(__always)
    private func step(_ byte: UInt8) -> State? {
        let isDigit = Byte.isDigit(byte)
        switch state {
        case .start:
            if byte == Byte.minus { return .minus }
            return isDigit ? (byte == Byte.zero ? .zero : .integer) : nil
        case .minus: return isDigit ? (byte == Byte.zero ? .zero : .integer) : nil
        case .zero, .integer:
            if isDigit { return state == .integer ? .integer : nil }
            if byte == Byte.point { return .point }
            return byte | 0x20 == UInt8(ascii: "e") ? .exponent : nil
        case .point: return isDigit ? .fraction : nil
        case .fraction:
            if isDigit { return .fraction }
            return byte | 0x20 == UInt8(ascii: "e") ? .exponent : nil
        case .exponent:
            if byte == Byte.plus || byte == Byte.minus { return .exponentSign }
            return isDigit ? .exponentDigits : nil
        case .exponentSign, .exponentDigits: return isDigit ? .exponentDigits : nil
        case .word: return nil
        }
    }
}
