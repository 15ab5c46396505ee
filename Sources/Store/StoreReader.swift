import Database

/// One moment's view of what is stored. Its queries stand in extensions, one file per subject.
public struct StoreReader {
    let connection: any Connection

    /// Cheap enough to be asked each second.
    public func changeVersion() throws -> ChangeVersion {
        guard
            let row = try connection.query("SELECT version, routing_version FROM change_version WHERE id = 1").first
        else {
            throw DatabaseError.unexpectedValue(column: "version", reason: "the row is missing")
        }
        return ChangeVersion(any: try row.int64("version"), routing: try row.int64("routing_version"))
    }

    /// The generation of the file that was seeded last; nil if it had none.
    public func seedGeneration() throws -> Int64? {
        try connection.query("SELECT seed_generation FROM database_identity WHERE id = 1").first?
            .optionalInt64("seed_generation")
    }

    /// What tells this database from any other, as long as it lives.
    public func databaseID() throws -> String {
        guard let row = try connection.query("SELECT database_id FROM database_identity WHERE id = 1").first else {
            throw DatabaseError.unexpectedValue(column: "database_id", reason: "the row is missing")
        }
        return try row.text("database_id")
    }
}
