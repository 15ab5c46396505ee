import Foundation
import NIOCore

/// One JSON value on a line of its own.
enum ControlLine {
    static func encode(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = ByteBuffer(bytes: try encoder.encode(value))
        line.writeInteger(UInt8(ascii: "\n"))
        return line
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from line: ByteBuffer) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line.readableBytesView))
    }
}
