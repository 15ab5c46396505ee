/// What a database tells of its past: its tables, and the rows of `gateway_migrations`.
struct SchemaHistory: Sendable {
    /// A row of `gateway_migrations`.
    struct Applied: Sendable {
        let version: Int64
        let name: String
        let checksum: String
        /// The oldest newest-known version of a gateway that can still work with this schema.
        let minCompatibleVersion: Int64
        /// Microseconds since 1970 UTC.
        let appliedAt: Int64

        var label: String { "V\(version)" }
    }

    static let table = "gateway_migrations"

    /// The tables in which other migration tools keep their history.
    private static let foreignTables: Set<String> = [
        "refinery_schema_history", "flyway_schema_history", "schema_migrations", "schema_version", "goose_db_version",
        "_sqlx_migrations", "__diesel_schema_migrations", "seaql_migrations", "_prisma_migrations", "alembic_version",
        "knex_migrations", "databasechangelog", "grdb_migrations", "_fluent_migrations",
    ]

    /// Ascending by version; empty for an empty database.
    let applied: [Applied]

    /// Reads the history and refuses one that no gateway of this kind has made.
    ///
    /// - Parameter baseline: the first version that there is; nil if there is none at all.
    init(_ connection: any Connection, baseline: Int64?) throws {
        let tables = try connection.query(connection.dialect.tablesQuery).map { try $0.text("name") }
        if let foreign = tables.first(where: Self.foreignTables.contains) {
            throw MigrationError.resetRequired(reason: "it has the migration history of another program (\(foreign))")
        }
        guard tables.contains(Self.table) else {
            guard let table = tables.first else {
                applied = []
                return
            }
            throw MigrationError.resetRequired(reason: "it has tables (\(table)) but no history of migrations")
        }
        let columns = try connection.query(connection.dialect.columnsQuery, [.text(Self.table)])
        guard try columns.contains(where: { try $0.text("name") == "min_compatible_version" }) else {
            throw MigrationError.resetRequired(reason: "its history was written before the first release")
        }
        applied = try Self.rows(connection)
        if let baseline, let older = applied.first, older.version < baseline {
            throw MigrationError.resetRequired(reason: "its migration \(older.label) is older than V\(baseline)")
        }
    }

    /// Makes the table of the history, if it is not there.
    static func create(_ connection: any Connection) throws {
        let table = """
            CREATE TABLE IF NOT EXISTS gateway_migrations (
                version {{bigint}} NOT NULL PRIMARY KEY,
                name {{text}} NOT NULL,
                checksum {{text}} NOT NULL,
                min_compatible_version {{bigint}} NOT NULL,
                applied_at {{bigint}} NOT NULL
            ) {{strict}}
            """
        try connection.executeScript(connection.dialect.render(table))
    }

    /// Records that `migration` has been applied.
    static func record(_ migration: Migration, now: Int64, on connection: any Connection) throws(DatabaseError) {
        try connection.execute(
            """
            INSERT INTO gateway_migrations (version, name, checksum, min_compatible_version, applied_at)
            VALUES ($1, $2, $3, $4, $5)
            """,
            [
                .int64(migration.version), .text(migration.name), .text(migration.checksum),
                .int64(migration.minCompatibleVersion), .int64(now),
            ])
    }

    private static func rows(_ connection: any Connection) throws(DatabaseError) -> [Applied] {
        let rows = try connection.query(
            """
            SELECT version, name, checksum, min_compatible_version, applied_at
            FROM gateway_migrations ORDER BY version
            """)
        var applied: [Applied] = []
        for row in rows {
            applied.append(
                Applied(
                    version: try row.int64("version"), name: try row.text("name"), checksum: try row.text("checksum"),
                    minCompatibleVersion: try row.int64("min_compatible_version"),
                    appliedAt: try row.int64("applied_at")))
        }
        return applied
    }
}
