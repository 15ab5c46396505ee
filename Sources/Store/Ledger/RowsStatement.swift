import Database

/// An `INSERT` of many rows at once, which spares a server's answer per row.
///
/// Statements are cached by their text, so there are only three: for 64 rows, for eight, and for one.
struct RowsStatement: Sendable {
    private let texts: [(rows: Int, sql: String)]

    /// - Parameter suffix: what follows the rows, such as `ON CONFLICT DO NOTHING`.
    init(into table: String, _ columns: [String], suffix: String) {
        texts = [64, 8, 1].map { rows in
            let values = (0..<rows).map { row in
                "(" + columns.indices.map { "$\(row * columns.count + $0 + 1)" }.joined(separator: ", ") + ")"
            }
            let sql = """
                INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(values.joined(separator: ", ")) \(suffix)
                """
            return (rows, sql)
        }
    }

    /// Runs `body` for a statement and as many rows as it takes, until all rows are through.
    func forEach<Row>(of rows: [Row], _ body: (String, ArraySlice<Row>) throws -> Void) rethrows {
        var rest = rows[...]
        for (count, sql) in texts {
            while rest.count >= count {
                try body(sql, rest.prefix(count))
                rest = rest.dropFirst(count)
            }
        }
    }
}
