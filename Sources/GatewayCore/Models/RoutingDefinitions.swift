/// A provider as it is stored and handed from gateway to gateway.
public struct ProviderDefinition: Sendable, Hashable {
    /// What routes refer to it by.
    public let id: String
    /// A JSON object: its entry of `gateway.yaml` with every default filled in, without the id. A secret stands there as its
    /// reference; one that has none is masked.
    public let settings: String

    /// A provider with all that is said of it.
    public init(id: String, settings: String) {
        self.id = id
        self.settings = settings
    }
}

/// A model as it is stored and handed from gateway to gateway.
public struct ModelDefinition: Sendable, Hashable {
    /// What callers send as `model`.
    public let id: String
    /// For people; nil where there is none.
    public let description: String?
    /// What `tag:` selectors ask for.
    public let tags: Set<String>
    /// Lower comes first in lists, and wins for `tag:` selectors.
    public let rank: Int
    /// The model that it is an alias of; such a model has no routes.
    public let aliasOf: String?
    /// In the order of their positions, from 1.
    public let routes: [RouteDefinition]

    /// A model with all that is said of it.
    public init(
        id: String, description: String?, tags: Set<String>, rank: Int, aliasOf: String?, routes: [RouteDefinition]
    ) {
        self.id = id
        self.description = description
        self.tags = tags
        self.rank = rank
        self.aliasOf = aliasOf
        self.routes = routes
    }
}

/// A route as it is stored and handed from gateway to gateway.
public struct RouteDefinition: Sendable, Hashable {
    /// A provider's id.
    public let provider: String
    /// The model's name there.
    public let upstreamModel: String
    /// Lower is tried first.
    public let priority: Int
    /// The share of requests among routes of one priority.
    public let weight: Double
    /// A disabled route is never tried.
    public let isEnabled: Bool
    /// A JSON object: the rest of its entry of `gateway.yaml`, in the form of a provider's settings.
    public let options: String

    /// A route with all that is said of it.
    public init(
        provider: String, upstreamModel: String, priority: Int, weight: Double, isEnabled: Bool, options: String
    ) {
        self.provider = provider
        self.upstreamModel = upstreamModel
        self.priority = priority
        self.weight = weight
        self.isEnabled = isEnabled
        self.options = options
    }
}
