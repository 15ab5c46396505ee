/// Time-ordered identifiers (RFC 9562, version 7), used for every id that the gateway makes.
public enum UUIDv7 {
    /// The textual form for `milliseconds` since 1970 UTC, with 74 random bits from `random`.
    public static func make(milliseconds: UInt64, using random: inout some RandomNumberGenerator) -> String {
        make(milliseconds: milliseconds, counter: UInt16(truncatingIfNeeded: random.next()), using: &random)
    }

    /// Like `make(milliseconds:using:)`, with the lower 12 bits of `counter` after the time, so that ids of one
    /// millisecond are ordered.
    public static func make(
        milliseconds: UInt64, counter: UInt16, using random: inout some RandomNumberGenerator
    ) -> String {
        let high = milliseconds << 16 | 0x7000 | UInt64(counter & 0x0FFF)
        let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return text(high, low)
    }

    /// The lowest id with this time, for ranges of ids.
    public static func first(milliseconds: UInt64) -> String {
        text(milliseconds << 16 | 0x7000, 0x8000_0000_0000_0000)
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { text in
            var position = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = digit < 16 ? high : low
                let nibble = UInt8(truncatingIfNeeded: word >> UInt64((15 - digit % 16) * 4)) & 0xF
                text[position] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                position += 1
            }
            return 36
        }
    }
}
