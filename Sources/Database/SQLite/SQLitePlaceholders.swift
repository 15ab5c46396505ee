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

    private static func rewritten(_ sql: String) -> String {
        var bytes = Array(sql.utf8)
        for position in SQLPlaceholders.positions(in: bytes) { bytes[position] = UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
