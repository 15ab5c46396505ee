/// Checks the inside of a JSON string, from after the opening quote to the closing one, in parts of any size.
///
/// Escapes are those of RFC 8259, section 7; a `\u` escape of half a surrogate pair is allowed by that grammar and
/// passes. Raw bytes must be UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
struct JSONStringLexer {
    private enum State {
        case plain, escape
        case hex4, hex3, hex2, hex1
        /// One, two or three continuation bytes follow.
        case tail1, tail2, tail3
        /// After a lead byte whose first continuation byte has a narrower range.
        case afterE0, afterED, afterF0, afterF4
    }

    private var state = State.plain
    private(set) var hasEscapes = false

    /// Continues at `start`. Returns the index after the closing quote, or nil when the bytes end before it.
    @inline(__always)
    mutating func run(_ bytes: Bytes, from start: Int) throws(JSONSyntaxError) -> Int? {
        var index = start
        if state != .plain {
            guard let next = try finishUnit(bytes, from: index) else { return nil }
            index = next
        }
        while true {
            index = bytes.endOfPlainText(from: index)
            guard index < bytes.count else { return nil }
            let byte = bytes[index]
            if byte == Byte.quote { return index &+ 1 }
            if byte == Byte.backslash { hasEscapes = true }
            let length = Self.lengthOfCommonUnit(bytes, at: index)
            if length > 0 {
                index &+= length
                continue
            }
            state = try Self.begin(byte, at: index)
            guard let next = try finishUnit(bytes, from: index &+ 1) else { return nil }
            index = next
        }
    }

    /// Reads the rest of an escape or of a multi-byte character.
    private mutating func finishUnit(_ bytes: Bytes, from start: Int) throws(JSONSyntaxError) -> Int? {
        var index = start
        while state != .plain {
            guard index < bytes.count else { return nil }
            state = try Self.step(state, bytes[index], at: index)
            index &+= 1
        }
        return index
    }

    /// The fast path: the length of an escape of two bytes or of a character of two or three, if it is complete. 0
    /// leaves the decision to the state machine.
    @inline(__always)
    private static func lengthOfCommonUnit(_ bytes: Bytes, at index: Int) -> Int {
        guard index &+ 3 <= bytes.count else { return 0 }
        let (first, second) = (bytes[index], bytes[index &+ 1])
        switch first {
        case Byte.backslash: return isShortEscape(second) ? 2 : 0
        case 0xc2...0xdf: return second & 0xc0 == 0x80 ? 2 : 0
        case 0xe1...0xec, 0xee, 0xef: return second & 0xc0 == 0x80 && bytes[index &+ 2] & 0xc0 == 0x80 ? 3 : 0
        default: return 0
        }
    }

    /// `"`, `/`, `\`, `b`, `f`, `n`, `r` or `t`.
    @inline(__always)
    private static func isShortEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x22, 0x2f, 0x5c, 0x62, 0x66, 0x6e, 0x72, 0x74: true
        default: false
        }
    }

    private static func begin(_ byte: UInt8, at index: Int) throws(JSONSyntaxError) -> State {
        switch byte {
        case Byte.backslash: return .escape
        case 0xc2...0xdf: return .tail1
        case 0xe0: return .afterE0
        case 0xed: return .afterED
        case 0xe1...0xef: return .tail2
        case 0xf0: return .afterF0
        case 0xf1...0xf3: return .tail3
        case 0xf4: return .afterF4
        case 0x00..<0x20: throw JSONSyntaxError(offset: index, reason: .controlCharacter)
        default: throw JSONSyntaxError(offset: index, reason: .badUTF8)
        }
    }

    private static func step(_ state: State, _ byte: UInt8, at index: Int) throws(JSONSyntaxError) -> State {
        switch (state, byte) {
        case (.escape, _) where isShortEscape(byte): return .plain
        case (.escape, 0x75): return .hex4
        case (.hex4, _) where Byte.hexValue(byte) != nil: return .hex3
        case (.hex3, _) where Byte.hexValue(byte) != nil: return .hex2
        case (.hex2, _) where Byte.hexValue(byte) != nil: return .hex1
        case (.hex1, _) where Byte.hexValue(byte) != nil: return .plain
        case (.tail1, 0x80...0xbf): return .plain
        case (.tail2, 0x80...0xbf), (.afterE0, 0xa0...0xbf), (.afterED, 0x80...0x9f): return .tail1
        case (.tail3, 0x80...0xbf), (.afterF0, 0x90...0xbf), (.afterF4, 0x80...0x8f): return .tail2
        case (.escape, _), (.hex4, _), (.hex3, _), (.hex2, _), (.hex1, _):
            throw JSONSyntaxError(offset: index, reason: .badEscape)
        default: throw JSONSyntaxError(offset: index, reason: .badUTF8)
        }
    }
}
