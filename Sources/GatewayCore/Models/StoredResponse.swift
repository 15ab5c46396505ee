/// A response that a provider stores, and that its owner may refer to.
public struct StoredResponse: Sendable, Hashable {
    /// The provider's id of the response.
    public let id: String
    /// The owner of the key that requested it; no other owner may refer to it.
    public let owner: KeyOwner
    /// The route and the provider that store it.
    public let route: String
    public let provider: String

    public init(id: String, owner: KeyOwner, route: String, provider: String) {
        self.id = id
        self.owner = owner
        self.route = route
        self.provider = provider
    }
}
