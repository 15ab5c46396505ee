import Database
public import GatewayCore

/// The stored API keys, one operation at a time. Secrets come in as tokens and are kept as hashes only.
///
/// Throws as `GatewayStore` does.
public struct KeyStore: Sendable {
    private let store: GatewayStore

    init(_ store: GatewayStore) {
        self.store = store
    }

    /// Adds a key of the control plane.
    /// - Throws: `StoreError.duplicatePublicID` if its public id is taken, `.noSuchOwner` if its owner is not there.
    public func create(
        name: String, owner: KeyOwner, grant: ModelGrant, expiresAt: Int64?, token: APIKeyToken, actor: AuditActor
    ) async throws -> KeyRecord {
        let new = NewKey(
            name: name, owner: owner, grant: grant, expiresAt: expiresAt, token: token, managedBy: .controlPlane)
        return try await store.transaction(by: actor) { try $0.createKey(new) }
    }

    /// The key with this public id, revoked and expired ones too; nil if there is none.
    public func find(publicID: String) async throws -> KeyRecord? {
        try await store.read(within: GatewayStore.shortLimit) { try $0.key(publicID: publicID) }
    }

    /// The keys with exactly this name, revoked and expired ones too, oldest first.
    public func find(named name: String) async throws -> [KeyRecord] {
        try await store.read { try $0.keys(named: name) }
    }

    /// One page of the keys that pass `filter`.
    public func list(_ filter: KeyFilter, page: PageRequest) async throws -> Page<KeyRecord> {
        let now = store.now()
        return try await store.read { try $0.keys(filter, page: page, now: now) }
    }

    /// All keys that pass `filter`, oldest first, read page by page. Each page is as of a moment of its own.
    public func all(
        _ filter: KeyFilter = .all, pageLimit: Int = PageRequest.maxLimit
    ) async throws -> [KeyRecord] {
        var keys: [KeyRecord] = []
        var cursor: PageCursor?
        repeat {
            let page = try await list(filter, page: PageRequest(after: cursor, limit: pageLimit))
            keys += page.items
            cursor = page.next
        } while cursor != nil
        return keys
    }

    /// Ends a key for good and returns it; nil if there is none.
    ///
    /// Revoking a revoked key changes nothing: the first time stays, and there is no second audit row.
    /// - Parameter version: the version that the key has to have; nil for any.
    /// - Throws: `StoreError.stale` if it has another one.
    public func revoke(
        publicID: String, expecting version: Int64? = nil, actor: AuditActor
    ) async throws -> KeyRecord? {
        try await store.transaction(by: actor) { try $0.revokeKey(publicID: publicID, expecting: version) }
    }

    /// Records when keys were last used, by public id: microseconds since 1970 UTC.
    ///
    /// Only moves forward, so that late batches of several gateways do no harm, and passes over unknown ids. It is no
    /// change of the key: nothing is audited, and the change version stays.
    public func touch(_ lastUsedAt: [String: Int64]) async throws {
        guard !lastUsedAt.isEmpty else { return }
        try await store.write { connection in
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
    }
}
