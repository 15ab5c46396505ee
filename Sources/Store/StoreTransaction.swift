import Database
public import GatewayCore

/// One transaction of changes: the tables, who makes the change, and when.
///
/// Its operations stand in extensions, one file per subject. Each writes its audit row and raises the change version by itself,
/// so a caller cannot forget either; all of them come into effect together, or none does.
public struct StoreTransaction {
    /// Who makes the changes.
    public let actor: Actor
    /// The time of every change in it: microseconds since 1970 UTC.
    public let now: Int64
    let connection: any Connection

    func newID() -> String {
        var random = SystemRandomNumberGenerator()
        return UUIDv7.make(milliseconds: UInt64(max(0, now) / 1000), using: &random)
    }

    /// Tells every running gateway, which polls the version, that something it may have cached is different.
    func raiseChangeVersion() throws(DatabaseError) {
        try connection.execute("UPDATE change_version SET version = version + 1 WHERE id = 1")
    }
}

extension Database {
    /// Runs `body` as one transaction of `actor` at the time `now`.
    func mutate<Result: Sendable>(
        by actor: Actor, at now: Int64, _ body: @Sendable (StoreTransaction) throws -> Result
    ) async throws -> Result {
        do {
            return try await write { connection in
                try body(StoreTransaction(actor: actor, now: now, connection: connection))
            }
        } catch let error as DatabaseError {
            throw StoreError.database(error)
        }
    }

    /// Runs `body` on a consistent view of the data.
    func view<Result: Sendable>(_ body: @Sendable (any Connection) throws -> Result) async throws -> Result {
        do {
            return try await read(body)
        } catch let error as DatabaseError {
            throw StoreError.database(error)
        }
    }
}
