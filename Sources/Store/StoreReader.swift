import Database

/// One moment's view of what is stored. Its queries stand in extensions, one file per subject.
public struct StoreReader {
    let connection: any Connection

    /// See `GatewayStore.changeVersion`.
    public func changeVersion() throws -> Int64 {
        guard let row = try connection.query("SELECT version FROM change_version WHERE id = 1").first else {
            throw DatabaseError.unexpectedValue(column: "version", reason: "the row is missing")
        }
        return try row.int64("version")
    }

    /// What tells this database from any other, as long as it lives.
    public func databaseID() throws -> String {
        guard let row = try connection.query("SELECT database_id FROM database_identity WHERE id = 1").first else {
            throw DatabaseError.unexpectedValue(column: "database_id", reason: "the row is missing")
        }
        return try row.text("database_id")
    }
}
