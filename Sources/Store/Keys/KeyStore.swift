public import Database
public import GatewayCore

/// The stored API keys. Secrets come in as tokens and are kept as hashes only.
///
/// Every method throws `StoreError`, or `CancellationError` when its task is cancelled.
public struct KeyStore: Sendable {
    private let database: any Database
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: microseconds since 1970 UTC.
    public init(_ database: any Database, clock: @escaping @Sendable () -> Int64) {
        self.database = database
        self.clock = clock
    }

    /// Adds a key of the control plane; `StoreError.duplicatePublicID` if its public id is taken.
    public func create(
        name: String, owner: KeyOwner, grant: ModelGrant, expiresAt: Int64?, token: APIKeyToken, actor: Actor
    ) async throws -> KeyRecord {
        let new = NewKey(
            name: name, owner: owner, grant: grant, expiresAt: expiresAt, token: token, managedBy: .controlPlane)
        return try await transaction(by: actor) { try $0.createKey(new) }
    }

    /// The key with this public id, revoked and expired ones too; nil if there is none.
    public func find(publicID: String) async throws -> KeyRecord? {
        try await database.view { try KeyQuery.publicID(publicID).run(on: $0).first }
    }

    /// Every key, oldest first.
    public func list() async throws -> [KeyRecord] {
        try await database.view { try KeyQuery.all.run(on: $0) }
    }

    /// Ends a key for good and returns it; nil if there is none.
    ///
    /// Revoking a revoked key changes nothing: the first time stays, and there is no second audit row.
    public func revoke(publicID: String, actor: Actor) async throws -> KeyRecord? {
        try await transaction(by: actor) { try $0.revokeKey(publicID: publicID) }
    }

    /// Records when keys were last used, by public id: microseconds since 1970 UTC.
    ///
    /// Only moves forward, so that late batches of several gateways do no harm, and passes over unknown ids. It is no change of
    /// the key: nothing is audited and the change version stays.
    public func touch(_ lastUsedAt: [String: Int64]) async throws {
        guard !lastUsedAt.isEmpty else { return }
        do {
            try await database.write { connection in
                // In one order everywhere, so that two gateways' batches cannot deadlock on an engine with row locks.
                for (publicID, time) in lastUsedAt.sorted(by: { $0.key < $1.key }) {
                    try connection.execute(
                        """
                        UPDATE api_keys SET last_used_at = $2
                        WHERE public_id = $1 AND (last_used_at IS NULL OR last_used_at < $2)
                        """,
                        [.text(publicID), .int64(time)])
                }
            }
        } catch let error as DatabaseError {
            throw StoreError.database(error)
        }
    }

    /// A number that grows with every change of what gateways cache. Cheap enough to be asked each second.
    public func changeVersion() async throws -> Int64 {
        try await database.view { connection in
            guard let row = try connection.query("SELECT version FROM change_version WHERE id = 1").first else {
                throw DatabaseError.unexpectedValue(column: "version", reason: "the row is missing")
            }
            return try row.int64("version")
        }
    }

    /// Runs several changes as one: all of `body` comes into effect, or nothing does when it throws.
    @discardableResult
    public func transaction<Result: Sendable>(
        by actor: Actor, _ body: @Sendable (StoreTransaction) throws -> Result
    ) async throws -> Result {
        try await database.mutate(by: actor, at: clock(), body)
    }
}
