/// Iterates over the UTF-8 bytes of a string with valid JSON escapes.
///
/// Half a surrogate pair has no UTF-8 form; it becomes the three bytes of its number in UTF-8's scheme, so that
/// different texts stay different. `String(decoding:as:)` makes U+FFFD of them.
struct JSONUnescaper {
    private let contents: Bytes
    private var position = 0
    /// The remaining bytes of the current character, the next one in the lowest byte, and their number.
    private var waiting: UInt32 = 0
    private var waitingCount = 0

    init(_ contents: Bytes) {
        self.contents = contents
    }

    mutating func next() -> UInt8? {
        if waitingCount > 0 {
            let byte = UInt8(truncatingIfNeeded: waiting)
            waiting >>= 8
            waitingCount -= 1
            return byte
        }
        guard position < contents.count else { return nil }
        let byte = contents[position]
        position += 1
        guard byte == Byte.backslash, position < contents.count else { return byte }
        let escape = contents[position]
        position += 1
        switch escape {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "n"): return Byte.lineFeed
        case UInt8(ascii: "r"): return Byte.carriageReturn
        case UInt8(ascii: "t"): return Byte.tab
        case UInt8(ascii: "u"):
            encode(codePoint())
            return next()
        default: return escape
        }
    }

    /// Reads the digits of a `\u` escape, and a second escape if the two are a surrogate pair.
    private mutating func codePoint() -> UInt32 {
        let first = hex(at: position)
        position += 4
        guard 0xd800...0xdbff ~= first, position + 6 <= contents.count, contents[position] == Byte.backslash,
            contents[position + 1] == UInt8(ascii: "u")
        else { return first }
        let second = hex(at: position + 2)
        guard 0xdc00...0xdfff ~= second else { return first }
        position += 6
        return 0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)
    }

    private func hex(at start: Int) -> UInt32 {
        guard start + 4 <= contents.count else { return 0xfffd }
        return contents.part(start..<start + 4).buffer.reduce(0) { $0 << 4 | (Byte.hexValue($1) ?? 0) }
    }

    private mutating func encode(_ code: UInt32) {
        switch code {
        case 0..<0x80: (waiting, waitingCount) = (code, 1)
        case 0x80..<0x800:
            (waiting, waitingCount) = (0xc0 | code >> 6 | (0x80 | code & 0x3f) << 8, 2)
        case 0x800..<0x10000:
            let tail = (0x80 | code >> 6 & 0x3f) << 8 | (0x80 | code & 0x3f) << 16
            (waiting, waitingCount) = (0xe0 | code >> 12 | tail, 3)
        default:
            let tail = (0x80 | code >> 12 & 0x3f) << 8 | (0x80 | code >> 6 & 0x3f) << 16 | (0x80 | code & 0x3f) << 24
            (waiting, waitingCount) = (0xf0 | code >> 18 | tail, 4)
        }
    }
}
