import Foundation

/// A JSON value: the arguments and results of commands.
public enum ControlValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([ControlValue])
    case object([String: ControlValue])

    /// The JSON form of an encodable value.
    public init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(ControlValue.self, from: JSONEncoder().encode(value))
    }

    /// Reads a value of `type` from the JSON form.
    public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
    }

    /// The text; nil for another type.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
}

extension ControlValue: Codable {
    /// Reads any JSON value. A whole number that fits into 64 bits is an integer.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([ControlValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: ControlValue].self))
        }
    }

    /// Writes the JSON value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
