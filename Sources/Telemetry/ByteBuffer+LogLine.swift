import NIOCore

/// The parts of a log line, in both formats, written without making a string.
extension ByteBuffer {
    /// Time, level and message. `message` is a text of ours, but is escaped all the same.
    mutating func beginLogLine(_ format: LogFormat, time: Int64, level: StaticString, message: String) {
        switch format {
        case .json:
            writeStaticString(#"{"time":""#)
            writeTimestamp(time)
            writeStaticString(#"","level":""#)
            writeStaticString(level)
            writeStaticString(#"","message":""#)
            writeEscaped(message)
            writeStaticString("\"")
        case .pretty:
            writeTimestamp(time)
            writeStaticString(" ")
            writeStaticString(level)
            writeRepeatingByte(UInt8(ascii: " "), count: max(1, 9 - level.utf8CodeUnitCount))
            writeEscaped(message, quotes: false)
        }
    }

    /// The line's end. Nothing of the line may follow.
    mutating func endLogLine(_ format: LogFormat) {
        switch format {
        case .json: writeStaticString("}\n")
        case .pretty: writeStaticString("\n")
        }
    }

    /// A field with a text, of which at most `limit` bytes are shown.
    mutating func writeLogField(_ format: LogFormat, _ name: StaticString, text: String, limit: Int = 512) {
        writeLogFieldName(format, name)
        writeLogText(format, text, limit: limit)
    }

    /// A field with a number.
    mutating func writeLogField(_ format: LogFormat, _ name: StaticString, number: Int64) {
        writeLogFieldName(format, name)
        writeDecimal(number)
    }

    /// A field with a duration in milliseconds, with the microseconds as decimals.
    mutating func writeLogField(_ format: LogFormat, _ name: StaticString, milliseconds microseconds: Int64) {
        writeLogFieldName(format, name)
        writeDecimal(microseconds / 1000)
        writeStaticString(".")
        writePadded(microseconds % 1000, digits: 3)
    }

    /// A field that is true or false.
    mutating func writeLogField(_ format: LogFormat, _ name: StaticString, flag: Bool) {
        writeLogFieldName(format, name)
        writeStaticString(flag ? "true" : "false")
    }

    /// A text as a value: quoted, except in the pretty format where it can do without.
    mutating func writeLogText(_ format: LogFormat, _ text: String, limit: Int = .max) {
        if format == .pretty, text.isPlainLogValue(limit: limit) {
            writeString(text)
            return
        }
        writeStaticString("\"")
        writeEscaped(text, limit: limit)
        writeStaticString("\"")
    }

    private mutating func writeLogFieldName(_ format: LogFormat, _ name: StaticString) {
        switch format {
        case .json:
            writeStaticString(",\"")
            writeStaticString(name)
            writeStaticString("\":")
        case .pretty:
            writeStaticString(" ")
            writeStaticString(name)
            writeStaticString("=")
        }
    }
}

extension String {
    /// Whether this can stand in a pretty line as it is: not empty, and only characters that end no value.
    func isPlainLogValue(limit: Int) -> Bool {
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
