public import GatewayCore

/// A key to be stored.
public struct NewKey: Sendable {
    /// What people call it. Unique among the valid keys of the file only.
    public let name: String
    /// The owner that its use is charged to.
    public let owner: KeyOwner
    /// Which models it may ask for.
    public let grant: ModelGrant
    /// Microseconds since 1970 UTC; nil for a key that does not expire.
    public let expiresAt: Int64?
    /// The value; its public id is stored as it is, its secret as a hash.
    public let token: APIKeyToken
    /// Who may change it later.
    public let managedBy: ManagedBy

    /// A key with all that is known of it before it is stored.
    public init(
        name: String, owner: KeyOwner, grant: ModelGrant, expiresAt: Int64?, token: APIKeyToken, managedBy: ManagedBy
    ) {
        self.name = name
        self.owner = owner
        self.grant = grant
        self.expiresAt = expiresAt
        self.token = token
        self.managedBy = managedBy
    }
}
