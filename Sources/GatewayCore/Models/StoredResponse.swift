/// A response that a provider keeps, and that its owner may refer to.
public struct StoredResponse: Sendable, Hashable {
    /// As the provider gave it.
    public let id: String
    /// Whose key asked for it; nobody else may refer to it.
    public let owner: KeyOwner
    /// Where it is to be found.
    public let route: String
    public let provider: String

    /// A response that was kept.
    public init(id: String, owner: KeyOwner, route: String, provider: String) {
        self.id = id
        self.owner = owner
        self.route = route
        self.provider = provider
    }
}
