public import GatewayCore

/// A key to be stored.
public struct NewKey: Sendable {
    public let name: String
    public let owner: KeyOwner
    public let grant: ModelGrant
    /// Microseconds since 1970 UTC; nil for a key that does not expire.
    public let expiresAt: Int64?
    public let token: APIKeyToken
    public let managedBy: ManagedBy

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

/// What a key is to be called, who is to own it and what it is to reach.
public struct KeyChange: Sendable, Hashable {
    /// The key as it is stored.
    public let key: KeyRecord
    public let name: String
    public let owner: KeyOwner
    public let grant: ModelGrant

    public init(of key: KeyRecord, name: String, owner: KeyOwner, grant: ModelGrant) {
        self.key = key
        self.name = name
        self.owner = owner
        self.grant = grant
    }

    /// Whether it would change nothing.
    public var isEmpty: Bool {
        key.name == name && key.owner == owner && key.grant == grant
    }
}
