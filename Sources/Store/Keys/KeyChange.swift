public import GatewayCore

/// What a key is to be called, who is to own it and what it is to reach.
public struct KeyChange: Sendable, Hashable {
    /// The key as it is stored.
    public let key: KeyRecord
    /// The name that it gets.
    public let name: String
    /// The owner that it gets.
    public let owner: KeyOwner
    /// The grant that it gets, in place of the whole former one.
    public let grant: ModelGrant
    /// The version that the key has to have; nil for any.
    public let expectedVersion: Int64?

    /// The change of `key` into one with this name, owner and grant.
    public init(of key: KeyRecord, expecting version: Int64?, name: String, owner: KeyOwner, grant: ModelGrant) {
        self.key = key
        expectedVersion = version
        self.name = name
        self.owner = owner
        self.grant = grant
    }

    /// Whether it would change nothing.
    public var isEmpty: Bool {
        key.name == name && key.owner == owner && key.grant == grant
    }
}
