import Synchronization

/// Turns the portable placeholders `$1`, `$2` into SQLite's `?1`, `?2`.
///
/// To SQLite `$1` is a *named* parameter, numbered by first appearance, so `… WHERE b = $2 AND a = $1` would get its
/// arguments crossed (https://www.sqlite.org/lang_expr.html#parameters). Texts are constant, so the cache stays small.
final class SQLitePlaceholders: Sendable {
    private let rewritten = Mutex<[String: String]>([:])

    func rewrite(_ sql: String) -> String {
        rewritten.withLock { cache in
            if let known = cache[sql] { return known }
            let text = Self.rewritten(sql)
            cache[sql] = text
            return text
        }
    }

    /// Leaves string literals, quoted names and comments as they are, and a `$` inside a name.
    private static func rewritten(_ sql: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(sql.utf8.count)
        let bytes = Array(sql.utf8)
        var position = 0
        while position < bytes.count {
            let end = endOfQuoted(bytes, from: position)
            if end > position {
                output += bytes[position..<end]
                position = end
                continue
            }
            let isPlaceholder =
                bytes[position] == UInt8(ascii: "$")
                && position + 1 < bytes.count && isDigit(bytes[position + 1])
                && !(position > 0 && isNamePart(bytes[position - 1]))
            output.append(isPlaceholder ? UInt8(ascii: "?") : bytes[position])
            position += 1
        }
        return String(decoding: output, as: UTF8.self)
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
