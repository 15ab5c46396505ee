/// Which models a request may ask for: what its key is granted, as far as the team and the user are allowed it too.
public struct ModelAccess: Sendable, Hashable {
    /// Who says no, and what to change.
    public enum Layer: Sendable, Hashable {
        /// The key's grants.
        case key
        /// The allowlist of this team: the key's own, or the one that its user is in.
        case team(String)
        /// The allowlist of the user who owns the key.
        case user(String)
    }

    /// An allowlist, and whose it is.
    public struct Limit: Sendable, Hashable {
        public let layer: Layer
        public let models: ModelGrant

        public init(_ layer: Layer, _ models: ModelGrant) {
            self.layer = layer
            self.models = models
        }
    }

    /// Those that restrict at all, in the order in which they are asked: key, team, user.
    public let limits: [Limit]

    /// - Parameter limits: in the order in which they are asked; those that allow everything may be among them.
    public init(_ limits: [Limit]) {
        self.limits = limits.filter { $0.models != .all }
    }

    /// Everything.
    public static let all = ModelAccess([])

    /// The first layer that does not allow the model id `model`; nil if all of them do.
    public func refusal(of model: String) -> Layer? {
        limits.first { !$0.models.allows(model) }?.layer
    }

    /// Whether a request for the model id `model` is allowed. Asked of the requested id, before aliases.
    public func allows(_ model: String) -> Bool {
        refusal(of: model) == nil
    }
}
