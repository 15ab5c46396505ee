/// Finds the placeholders `$1`, `$2` of a statement. What only looks like one, in a string literal, a quoted name, a
/// comment or inside a name, is not a placeholder.
enum SQLPlaceholders {
    /// The highest number, which is how many arguments the statement takes.
    static func count(in sql: String) -> Int {
        let bytes = Array(sql.utf8)
        let numbers = positions(in: bytes).compactMap { position in
            Int(String(decoding: bytes[(position + 1)...].prefix(while: isDigit), as: UTF8.self))
        }
        return numbers.max() ?? 0
    }

    /// Where each begins, with its `$`.
    static func positions(in bytes: [UInt8]) -> [Int] {
        var positions: [Int] = []
        var position = 0
        while position < bytes.count {
            let end = endOfQuoted(bytes, from: position)
            if end > position {
                position = end
                continue
            }
            let isPlaceholder =
                bytes[position] == UInt8(ascii: "$")
                && position + 1 < bytes.count && isDigit(bytes[position + 1])
                && !(position > 0 && isNamePart(bytes[position - 1]))
            if isPlaceholder { positions.append(position) }
            position += 1
        }
        return positions
    }

    /// The position after the literal, quoted name or comment that begins at `start`; `start` itself if none does.
    private static func endOfQuoted(_ bytes: [UInt8], from start: Int) -> Int {
        let rest = bytes[start...]
        if rest.first == UInt8(ascii: "'") || rest.first == UInt8(ascii: "\"") {
            return end(of: [bytes[start]], in: bytes, from: start + 1)
        }
        if rest.starts(with: "--".utf8) { return end(of: Array("\n".utf8), in: bytes, from: start + 2) }
        if rest.starts(with: "/*".utf8) { return end(of: Array("*/".utf8), in: bytes, from: start + 2) }
        return start
    }

    private static func end(of closing: [UInt8], in bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstRange(of: closing)?.upperBound ?? bytes.count
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
