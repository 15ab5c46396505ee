/// The models that a request may ask for: those that the key is granted and that its team and its user are allowed.
public struct ModelAccess: Sendable, Hashable {
    /// The owner of an allowlist.
    public enum Layer: Sendable, Hashable {
        /// The key's grants.
        case key
        /// The allowlist of this team: the team that owns the key, or that its user belongs to.
        case team(String)
        /// The allowlist of the user who owns the key.
        case user(String)
    }

    /// An allowlist and its owner.
    public struct Limit: Sendable, Hashable {
        public let layer: Layer
        public let models: ModelGrant

        public init(_ layer: Layer, _ models: ModelGrant) {
            self.layer = layer
            self.models = models
        }
    }

    /// The allowlists that restrict the key, in the order in which they are checked: key, team, user.
    public let limits: [Limit]

    /// - Parameter limits: in the order in which they are checked; allowlists that allow everything are left out.
    public init(_ limits: [Limit]) {
        self.limits = limits.filter { $0.models != .all }
    }

    /// Access to every model.
    public static let all = ModelAccess([])

    /// The first layer that does not allow the model id `model`; nil if every layer allows it.
    public func refusal(of model: String) -> Layer? {
        limits.first { !$0.models.allows(model) }?.layer
    }

    /// Whether a request for the model id `model` is allowed. It is checked for the requested id, before aliases.
    public func allows(_ model: String) -> Bool {
        refusal(of: model) == nil
    }
}
