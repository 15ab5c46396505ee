/// The one place for what the engines do not share.
public enum SQLDialect: Sendable, Hashable {
    case sqlite
    case postgres

    /// The engine, as its makers write it.
    public var engineName: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgres: "PostgreSQL"
        }
    }

    /// Fills in the type tokens of a migration script, such as `{{bigint}}`; a name in braces without a meaning is an error.
    public func render(_ script: String) throws(MigrationError) -> String {
        var rest = script[...]
        var rendered = ""
        while let open = rest.firstRange(of: "{{") {
            rendered += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}") else { throw .unknownToken(String(rest.prefix(20))) }
            let token = String(rest[..<close.lowerBound])
            guard let meaning = meaning(of: token) else { throw .unknownToken(token) }
            rendered += meaning
            rest = rest[close.upperBound...]
        }
        return rendered + rest
    }

    private func meaning(of token: String) -> String? {
        switch (self, token) {
        // STRICT tables know only INTEGER, which has 64 bits there (https://www.sqlite.org/stricttables.html).
        case (.sqlite, "bigint"): "INTEGER"
        case (.sqlite, "strict"): "STRICT"
        case (.sqlite, "text"): "TEXT"
        case (.postgres, "bigint"): "BIGINT"
        case (.postgres, "strict"): ""
        // By bytes, as SQLite sorts; the server's own order depends on how it was initialised.
        case (.postgres, "text"): "TEXT COLLATE \"C\""
        default: nil
        }
    }
}
