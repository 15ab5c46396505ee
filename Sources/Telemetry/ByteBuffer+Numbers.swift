import NIOCore

/// Numbers and times as ASCII.
extension ByteBuffer {
    /// A whole number in base ten.
    mutating func writeDecimal(_ number: Int64) {
        if number < 0 { writeStaticString("-") }
        var rest = number.magnitude
        var digits = 1
        var limit: UInt64 = 10
        while rest >= limit {
            digits += 1
            if digits == 20 { break }
            limit *= 10
        }
        writeWithUnsafeMutableBytes(minimumWritableBytes: digits) { target in
            for index in stride(from: digits - 1, through: 0, by: -1) {
                target[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return digits
        }
    }

    /// The last `digits` digits of `number`, which is not negative, with leading zeros.
    mutating func writePadded(_ number: Int64, digits: Int) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: digits) { target in
            target.writePadded(number, digits: digits, at: 0)
            return digits
        }
    }

    /// Microseconds since 1970 UTC as RFC 3339 with microseconds: `2026-01-31T23:59:59.000001Z`. Years 0 to 9999.
    mutating func writeTimestamp(_ microseconds: Int64) {
        let day = microseconds / 86_400_000_000 - (microseconds % 86_400_000_000 < 0 ? 1 : 0)
        let ofDay = microseconds - day * 86_400_000_000
        let seconds = ofDay / 1_000_000
        let date = Timestamp.civil(fromDays: day)
        writeWithUnsafeMutableBytes(minimumWritableBytes: 27) { target in
            target.writePadded(date.year, digits: 4, at: 0)
            target.writePadded(date.month, digits: 2, at: 5)
            target.writePadded(date.day, digits: 2, at: 8)
            target.writePadded(seconds / 3600, digits: 2, at: 11)
            target.writePadded(seconds / 60 % 60, digits: 2, at: 14)
            target.writePadded(seconds % 60, digits: 2, at: 17)
            target.writePadded(ofDay % 1_000_000, digits: 6, at: 20)
            target[4] = UInt8(ascii: "-")
            target[7] = UInt8(ascii: "-")
            target[10] = UInt8(ascii: "T")
            target[13] = UInt8(ascii: ":")
            target[16] = UInt8(ascii: ":")
            target[19] = UInt8(ascii: ".")
            target[26] = UInt8(ascii: "Z")
            return 27
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func writePadded(_ number: Int64, digits: Int, at offset: Int) {
        var rest = number.magnitude
        for index in stride(from: offset + digits - 1, through: offset, by: -1) {
            self[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
