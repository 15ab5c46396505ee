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
    /// Each migration is one transaction together with its row of history, so a failure leaves the ones before it in
    /// place and nothing of itself. Processes that start at once wait for each other for some seconds, and each
    /// migration runs once.
    /// - Parameter now: microseconds since 1970 UTC, for the history.
    /// - Throws: `DatabaseError.locked` while another process migrates; call again. `MigrationError` when the
    ///   database's history is not this gateway's, before anything is changed; and `DatabaseError`.
    public func apply(to database: any Database, now: Int64) async throws -> [Migration] {
        try await database.changeSchema { connection in
            // Checked before the first change, so that a database that is refused stays as it is.
            _ = try pending(connection)
            try SchemaHistory.create(connection)
        }
        var applied: [Migration] = []
        for migration in migrations {
            let isNew = try await database.changeSchema { connection in
                // Checked again in each transaction: another process may have come between.
                guard try pending(connection).contains(migration) else { return false }
                try connection.executeScript(connection.dialect.render(migration.script))
                try SchemaHistory.record(migration, now: now, on: connection)
                return true
            }
            if isNew { applied.append(migration) }
        }
        return applied
    }

    /// What is pending, in order. Changes nothing.
    ///
    /// - Throws: as `apply`.
    public func check(_ database: any Database) async throws -> [Migration] {
        try await database.read { try pending($0) }
    }

    /// Every migration that the database has or needs. Changes nothing.
    ///
    /// - Throws: as `apply`.
    public func status(of database: any Database) async throws -> MigrationStatus {
        try await database.read { connection in
            let history = try checkedHistory(connection)
            let done = history.applied.map { row in
                let isKnown = migrations.contains { $0.version == row.version }
                return MigrationStatus.Entry(
                    version: row.version, name: row.name,
                    state: isKnown ? .applied(at: row.appliedAt) : .newer(at: row.appliedAt))
            }
            let pending = pending(history).map {
                MigrationStatus.Entry(version: $0.version, name: $0.name, state: .pending)
            }
            return MigrationStatus(entries: (done + pending).sorted { $0.version < $1.version })
        }
    }

    private func pending(_ connection: any Connection) throws -> [Migration] {
        pending(try checkedHistory(connection))
    }

    private func pending(_ history: SchemaHistory) -> [Migration] {
        migrations.filter { migration in !history.applied.contains { $0.version == migration.version } }
    }

    /// The history, if this gateway can work with it.
    private func checkedHistory(_ connection: any Connection) throws -> SchemaHistory {
        let history = try SchemaHistory(connection, baseline: migrations.first?.version)
        let newest = migrations.last?.version ?? 0
        for row in history.applied {
            if let known = migrations.first(where: { $0.version == row.version }) {
                guard known.checksum == row.checksum else {
                    throw MigrationError.changed(label: row.label, name: row.name)
                }
            } else {
                // Of the newer ones the newest decides, since it knows all that came before it.
                guard row.version > newest, let last = history.applied.last, last.minCompatibleVersion <= newest else {
                    throw MigrationError.unknownVersion(label: row.label, name: row.name)
                }
            }
        }
        return history
    }
}
