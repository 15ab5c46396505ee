public import GatewayCore

/// An API key that `gateway.yaml` lists under `auth.seed_api_keys`, with its reference resolved.
public struct SeedKey: Sendable {
    /// What the file calls it; the file's keys are told apart by it.
    public let name: String
    public let token: APIKeyToken
    public let grant: ModelGrant
    public let owner: KeyOwner

    public init(name: String, token: APIKeyToken, grant: ModelGrant, owner: KeyOwner) {
        self.name = name
        self.token = token
        self.grant = grant
        self.owner = owner
    }
}
