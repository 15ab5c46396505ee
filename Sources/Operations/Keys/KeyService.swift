public import GatewayCore
public import Store

/// The use cases of API keys.
public struct KeyService: Sendable {
    private let keys: KeyStore
    private let invalidate: @Sendable () async -> Void

    /// - Parameter dataPlane: that of this process, whose cached keys a change concerns; nil if none is running here.
    public init(_ store: GatewayStore, dataPlane: (any DataPlaneControl)? = nil) {
        keys = store.keys
        invalidate = { await dataPlane?.invalidateKeys() }
    }

    /// Finds a key as people name it.
    /// - Parameter text: a public id, or the name of one key; a valid key is preferred to revoked ones of that name.
    /// - Throws: `KeyServiceError`, `StoreError`.
    public func find(_ text: String) async throws -> KeyRecord {
        if let record = try await keys.find(publicID: text) { return record }
        let named = try await keys.find(named: text)
        let valid = named.filter { $0.revokedAt == nil }
        guard let record = valid.last ?? named.last else { throw KeyServiceError.notFound(text) }
        guard valid.count < 2 else { throw KeyServiceError.ambiguous(text, publicIDs: valid.map(\.publicID)) }
        return record
    }

    /// Every key, the oldest first.
    /// - Throws: `StoreError`.
    public func all() async throws -> [KeyRecord] {
        try await keys.all()
    }

    /// Creates a key. The token is not stored: only the caller has it.
    /// - Parameter expiresAt: microseconds since 1970 UTC; nil for a key without an end.
    /// - Throws: `StoreError.noSuchOwner`, `StoreError`.
    public func create(
        name: String, owner: KeyOwner, grant: ModelGrant, expiresAt: Int64?, actor: AuditActor
    ) async throws -> (record: KeyRecord, token: APIKeyToken) {
        var random = SystemRandomNumberGenerator()
        let token = APIKeyToken.generate(using: &random)
        let record = try await keys.create(
            name: name, owner: owner, grant: grant, expiresAt: expiresAt, token: token, actor: actor)
        return (record, token)
    }

    /// Ends a key for good; a key that is revoked already stays as it is. When this returns, the data plane of this
    /// process refuses the key; that of other gateways does within two seconds.
    /// - Throws: `KeyServiceError.notFound`, `StoreError`.
    public func revoke(publicID: String, actor: AuditActor) async throws -> KeyRecord {
        guard let record = try await keys.revoke(publicID: publicID, actor: actor) else {
            throw KeyServiceError.notFound(publicID)
        }
        await invalidate()
        return record
    }
}
