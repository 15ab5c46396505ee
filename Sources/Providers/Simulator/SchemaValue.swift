import NIOCore
import WireFormats

/// A JSON value: a schema, or what satisfies one.
indirect enum SchemaValue: Decodable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([SchemaValue])
    /// Sorted by their names, unless they were put in order.
    case object([Member])

    struct Member: Equatable {
        let name: String
        let value: SchemaValue
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Name.self) {
            let names = container.allKeys.sorted { $0.stringValue < $1.stringValue }
            self = .object(
                try names.map {
                    Member(name: $0.stringValue, value: try container.decode(SchemaValue.self, forKey: $0))
                })
            return
        }
        if let list = try? decoder.unkeyedContainer() {
            var list = list
            var values: [SchemaValue] = []
            while !list.isAtEnd { values.append(try list.decode(SchemaValue.self)) }
            self = .array(values)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    subscript(name: String) -> SchemaValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var list: [SchemaValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int(exactly: number.rounded())
        case .null, .bool, .string, .array, .object: nil
        }
    }

    var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// As JSON without white space.
    var json: String {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return String(buffer: buffer)
    }

    private func write(to buffer: inout ByteBuffer) {
        switch self {
        case .null: buffer.writeString("null")
        case .bool(let flag): buffer.writeString(flag ? "true" : "false")
        case .integer(let number): buffer.writeString("\(number)")
        case .number(let number): buffer.writeString(number.isFinite ? "\(number)" : "0")
        case .string(let text): JSONText.append(text, to: &buffer)
        case .array(let values):
            for (index, value) in values.enumerated() {
                buffer.writeString(index == 0 ? "[" : ",")
                value.write(to: &buffer)
            }
            buffer.writeString(values.isEmpty ? "[]" : "]")
        case .object(let members):
            for (index, member) in members.enumerated() {
                buffer.writeString(index == 0 ? "{" : ",")
                JSONText.append(member.name, to: &buffer)
                buffer.writeString(":")
                member.value.write(to: &buffer)
            }
            buffer.writeString(members.isEmpty ? "{}" : "}")
        }
    }
}
