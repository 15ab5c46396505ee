import Logging
import NIOCore

extension ByteBuffer {
    /// A field of a log line with a metadata value; dictionaries and lists are JSON in both formats.
    mutating func writeMetadata(_ format: LogFormat, _ name: String, _ value: Logger.Metadata.Value) {
        switch format {
        case .json:
            writeStaticString(",")
            writeLogText(.json, name)
            writeStaticString(":")
        case .pretty:
            writeStaticString(" ")
            writeLogText(.pretty, name)
            writeStaticString("=")
        }
        writeMetadata(format, value)
    }

    private mutating func writeMetadata(_ format: LogFormat, _ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): writeLogText(format, text)
        case .stringConvertible(let value): writeLogText(format, value.description)
        case .array(let values):
            writeStaticString("[")
            for (index, value) in values.enumerated() {
                if index > 0 { writeStaticString(",") }
                writeMetadata(.json, value)
            }
            writeStaticString("]")
        case .dictionary(let values):
            writeStaticString("{")
            for (index, (name, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { writeStaticString(",") }
                writeLogText(.json, name)
                writeStaticString(":")
                writeMetadata(.json, value)
            }
            writeStaticString("}")
        }
    }
}
