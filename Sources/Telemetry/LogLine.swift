import GatewayCore

/// A log line under construction, in either format, written as bytes without a `String`.
///
/// Appending many small pieces to an array costs a third of a `ByteBuffer`, which checks for exclusive access each
/// time.
struct LogLine {
    let format: LogFormat
    private(set) var bytes: [UInt8] = []

    /// Begins a line with its time (microseconds since 1970 UTC), its level, its message and its logger's name.
    init(_ format: LogFormat, time: Int64, level: StaticString, message: String, logger: String) {
        self.format = format
        bytes.reserveCapacity(1024)
        switch format {
        case .json:
            append(#"{"time":""#)
            append(timestamp: time)
            append(#"","level":""#)
            append(level)
            append(#"","message":""#)
            append(escaping: message)
            append("\"")
        case .pretty:
            append(timestamp: time)
            append(" ")
            append(level)
            for _ in level.utf8CodeUnitCount..<9 { append(" ") }
            append(escaping: message, quotes: false)
        }
        field("logger", text: logger)
    }

    /// Ends the line. Append nothing after it.
    mutating func end() {
        switch format {
        case .json: append("}\n")
        case .pretty: append("\n")
        }
    }

    /// A field with a text, of which at most `limit` bytes are shown.
    mutating func field(_ name: StaticString, text: String, limit: Int = 512) {
        append(fieldName: name)
        append(value: text, limit: limit)
    }

    /// A field with a number.
    mutating func field(_ name: StaticString, number: Int64) {
        append(fieldName: name)
        append(decimal: number)
    }

    /// A field with a duration in milliseconds, with the microseconds as decimals.
    mutating func field(_ name: StaticString, milliseconds microseconds: Int64) {
        append(fieldName: name)
        append(decimal: microseconds / 1000)
        append(".000")
        overwrite(digits: 3, with: microseconds % 1000, at: bytes.count - 3)
    }

    /// A field with an amount in dollars, to the nanodollar. It is not negative.
    mutating func field(_ name: StaticString, dollars amount: Money) {
        append(fieldName: name)
        append(decimal: amount.nanodollars / 1_000_000_000)
        append(".000000000")
        overwrite(digits: 9, with: amount.nanodollars % 1_000_000_000, at: bytes.count - 9)
    }

    /// A boolean field.
    mutating func field(_ name: StaticString, flag: Bool) {
        append(fieldName: name)
        append(flag ? "true" : "false")
    }

    /// A text as a value: quoted, unless the pretty format does not need quotes.
    mutating func append(value text: String, limit: Int = .max) {
        if format == .pretty, text.isPlainLogValue(limit: limit) {
            bytes.append(contentsOf: text.utf8)
        } else {
            append(quoting: text, limit: limit)
        }
    }

    /// A text as a JSON string.
    mutating func append(quoting text: String, limit: Int = .max) {
        append("\"")
        append(escaping: text, limit: limit)
        append("\"")
    }

    /// A trusted text, without escapes.
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Bytes that need no escape.
    mutating func append(raw: Slice<UnsafeBufferPointer<UInt8>>) {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: raw))
    }

    /// A digit below 16, in lower case.
    mutating func append(hexDigit digit: UInt8) {
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    /// Overwrites the bytes at `offset` with the last `digits` digits of `number`.
    mutating func overwrite(digits: Int, with number: Int64, at offset: Int) {
        var rest = number.magnitude
        for index in stride(from: offset + digits - 1, through: offset, by: -1) {
            bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    private mutating func append(fieldName name: StaticString) {
        switch format {
        case .json:
            append(",\"")
            append(name)
            append("\":")
        case .pretty:
            append(" ")
            append(name)
            append("=")
        }
    }
}

extension String {
    /// Whether a pretty line can show this without quotes: it is not empty, and no character ends a value.
    fileprivate func isPlainLogValue(limit: Int) -> Bool {
        let isPlain = utf8.withContiguousStorageIfAvailable { bytes in
            guard !bytes.isEmpty, bytes.count <= limit else { return false }
            return bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "="): false
                default: byte > 0x20 && byte < 0x7F
                }
            }
        }
        return isPlain ?? false
    }
}
