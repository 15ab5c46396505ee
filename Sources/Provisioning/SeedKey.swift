public import GatewayCore

/// An API key that `gateway.yaml` lists under `auth.seed_api_keys`, with its reference resolved.
public struct SeedKey: Sendable {
    /// What the file calls it; the file's keys are told apart by it.
    public let name: String
    /// The value that the reference stands for.
    public let token: APIKeyToken
    /// Which models it may ask for.
    public let grant: ModelGrant
    /// Whom its use is charged to; `.systemLegacy` where the file names nobody.
    public let owner: KeyOwner

    /// An entry of the list.
    public init(name: String, token: APIKeyToken, grant: ModelGrant, owner: KeyOwner) {
        self.name = name
        self.token = token
        self.grant = grant
        self.owner = owner
    }
}
