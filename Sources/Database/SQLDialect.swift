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

    /// Fills in the type tokens of a migration script, such as `{{bigint}}`; a name in braces without a meaning is an
    /// error.
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

    /// What a transaction that changes the schema begins with: it waits a minute for the changes of other
    /// gateways; its own statements take as long as they need.
    ///
    /// The number is the lock's name, and means nothing else. SQLite has one writer anyway.
    var schemaChangePreamble: String? {
        switch self {
        case .sqlite: nil
        case .postgres:
            """
            SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s';
            SELECT pg_advisory_xact_lock(7813295310441);
            SET LOCAL lock_timeout = 0;
            """
        }
    }

    /// Tells other processes; nil on an engine that has one.
    func announce(_ announcement: Announcement) -> String? {
        switch self {
        case .sqlite: nil
        case .postgres: "NOTIFY \(announcement.rawValue)"
        }
    }

    /// Ends a `SELECT` that locks the rows it returns until the transaction ends: other transactions that lock or
    /// change them wait.
    ///
    /// Empty on SQLite, where a write transaction is the only one.
    public var forUpdate: String {
        switch self {
        case .sqlite: ""
        case .postgres: "FOR UPDATE"
        }
    }

    /// The query that gives the texts of the JSON array in `parameter`, such as `$1`, for `IN (…)`. A list of any
    /// length so is one argument, and the statement's text stays constant.
    public func elements(of parameter: String) -> String {
        switch self {
        case .sqlite: "SELECT value FROM json_each(\(parameter))"
        case .postgres: "SELECT jsonb_array_elements_text(CAST(\(parameter) AS JSONB))"
        }
    }

    /// The database's clock, microseconds since 1970 UTC, as an expression of SQL.
    public var now: String {
        switch self {
        // Exact to some 40 µs, which a julian day as a floating-point number has.
        case .sqlite: "CAST((julianday('now') - 2440587.5) * 86400000000 AS BIGINT)"
        case .postgres: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
        }
    }

    /// The tables that are the application's, by `name`; without those of the engine itself and of its extensions.
    var tablesQuery: String {
        switch self {
        case .sqlite:
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        case .postgres:
            """
            SELECT CAST(relname AS TEXT) AS name FROM pg_class
            WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind IN ('r', 'p')
                AND NOT EXISTS (
                    SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND classid = 'pg_class'::regclass AND deptype = 'e')
            ORDER BY 1
            """
        }
    }

    /// The columns of the table `$1`, by `name`.
    var columnsQuery: String {
        switch self {
        case .sqlite: "SELECT name FROM pragma_table_info($1)"
        case .postgres:
            """
            SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = $1
            """
        }
    }

    private func meaning(of token: String) -> String? {
        let parts = token.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 1 else { return meaning(of: parts[0], about: parts[1]) }
        return switch (self, token) {
        // STRICT tables know only INTEGER, which has 64 bits there (https://www.sqlite.org/stricttables.html).
        case (.sqlite, "bigint"): "INTEGER"
        case (.sqlite, "double"): "REAL"
        case (.sqlite, "strict"): "STRICT"
        // After `strict`: the rows stand in the primary key itself (https://www.sqlite.org/withoutrowid.html).
        case (.sqlite, "clustered"): ", WITHOUT ROWID"
        case (.sqlite, "text"): "TEXT"
        case (.sqlite, "random_id"): "lower(hex(randomblob(16)))"
        case (.postgres, "bigint"): "BIGINT"
        case (.postgres, "double"): "DOUBLE PRECISION"
        case (.postgres, "strict"), (.postgres, "clustered"): ""
        // By bytes, as SQLite sorts; the server's own order depends on how it was initialised.
        case (.postgres, "text"): "TEXT COLLATE \"C\""
        case (.postgres, "random_id"): "replace(CAST(gen_random_uuid() AS TEXT), '-', '')"
        default: nil
        }
    }

    /// Tokens such as `{{by_day:id}}`, which are for `DayPartitions`.
    private func meaning(of token: String, about name: String) -> String? {
        switch (self, token) {
        case (.sqlite, "by_day"), (.sqlite, "default_partition"): ""
        case (.postgres, "by_day"): "PARTITION BY RANGE (\(name))"
        case (.postgres, "default_partition"): "CREATE TABLE \(name)_default PARTITION OF \(name) DEFAULT;"
        default: nil
        }
    }
}
