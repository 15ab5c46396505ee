/// Brings a database to the newest schema, and keeps the history of how it got there in `gateway_migrations`.
public struct Migrator: Sendable {
    private let migrations: [Migration]

    /// - Parameter migrations: every migration there is, ascending by version.
    public init(_ migrations: [Migration]) throws(MigrationError) {
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.version >= later.version {
            throw .notAscending(label: later.label)
        }
        self.migrations = migrations
    }

    /// Applies what is pending, in order, and returns it.
    ///
    /// Each migration is one transaction together with its row of history, so a failure leaves the ones before it in place
    /// and nothing of itself. Processes that start at once wait for each other, and each migration runs once.
    /// - Parameter now: microseconds since 1970 UTC, for the history.
    /// - Throws: `MigrationError` when the database's history is not this gateway's, before anything is changed, and
    ///   `DatabaseError`.
    public func apply(to database: any Database, now: Int64) async throws -> [Migration] {
        try await database.write { try Self.createHistory($0) }
        var applied: [Migration] = []
        for migration in migrations {
            let isNew = try await database.write { connection in
                // Judged anew in each transaction: another process may have come between.
                guard try isPending(migration, in: Self.history(connection)) else { return false }
                try connection.executeScript(connection.dialect.render(migration.script))
                try connection.execute(
                    "INSERT INTO gateway_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                    [.int64(migration.version), .text(migration.name), .text(migration.checksum), .int64(now)])
                return true
            }
            if isNew { applied.append(migration) }
        }
        return applied
    }

    private func isPending(_ migration: Migration, in history: [AppliedMigration]) throws(MigrationError) -> Bool {
        for row in history {
            guard let known = migrations.first(where: { $0.version == row.version }) else {
                throw .unknownVersion(label: row.label, name: row.name)
            }
            guard known.checksum == row.checksum else { throw .changed(label: row.label, name: row.name) }
        }
        return !history.contains { $0.version == migration.version }
    }

    private static func createHistory(_ connection: any Connection) throws {
        let table = """
            CREATE TABLE IF NOT EXISTS gateway_migrations (
                version {{bigint}} PRIMARY KEY,
                name TEXT NOT NULL,
                checksum TEXT NOT NULL,
                applied_at {{bigint}} NOT NULL
            ) {{strict}}
            """
        try connection.executeScript(connection.dialect.render(table))
    }

    private static func history(_ connection: any Connection) throws(DatabaseError) -> [AppliedMigration] {
        let rows = try connection.query("SELECT version, name, checksum FROM gateway_migrations ORDER BY version")
        var history: [AppliedMigration] = []
        for row in rows {
            history.append(
                AppliedMigration(
                    version: try row.int64("version"), name: try row.text("name"), checksum: try row.text("checksum")))
        }
        return history
    }
}

/// A row of `gateway_migrations`.
private struct AppliedMigration {
    let version: Int64
    let name: String
    let checksum: String

    var label: String { "V\(version)" }
}
