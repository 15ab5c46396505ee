import Logging

extension LogLine {
    /// A field with a metadata value; dictionaries and lists are JSON in both formats.
    mutating func field(_ name: String, metadata value: Logger.Metadata.Value) {
        switch format {
        case .json:
            append(",")
            append(value: name)
            append(":")
        case .pretty:
            append(" ")
            append(value: name)
            append("=")
        }
        switch value {
        case .string(let text): append(value: text)
        case .stringConvertible(let value): append(value: value.description)
        case .array, .dictionary: append(json: value)
        }
    }

    private mutating func append(json value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): append(quoting: text)
        case .stringConvertible(let value): append(quoting: value.description)
        case .array(let values):
            append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { append(",") }
                append(json: value)
            }
            append("]")
        case .dictionary(let values):
            append("{")
            for (index, (name, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { append(",") }
                append(quoting: name)
                append(":")
                append(json: value)
            }
            append("}")
        }
    }
}
