/// A provider as the database stores it for every gateway.
public struct ProviderDefinition: Sendable, Hashable {
    /// The id that routes refer to.
    public let id: String
    /// A JSON object: the provider's entry of `gateway.yaml` with every default, without the id. A secret is stored as
    /// its reference; a literal one is masked.
    public let settings: String

    public init(id: String, settings: String) {
        self.id = id
        self.settings = settings
    }

    /// By bytes: Swift takes `é` for equal to `e` with an accent after it, and such a change would not be stored.
    public static func == (left: ProviderDefinition, right: ProviderDefinition) -> Bool {
        left.id == right.id && left.settings.isSameBytes(right.settings)
    }
}

/// A model as the database stores it for every gateway.
public struct ModelDefinition: Sendable, Hashable {
    /// The name that callers send as `model`.
    public let id: String
    /// For people; nil if there is none.
    public let description: String?
    /// The tags that `tag:` selectors match.
    public let tags: Set<String>
    /// Lower ranks come first in lists and win for `tag:` selectors.
    public let rank: Int
    /// The model that it is an alias of, in which case it has no routes; nil for a model with routes.
    public let aliasOf: String?
    /// In the order of their positions, from 1.
    public let routes: [RouteDefinition]

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

    /// The description by bytes, as `ProviderDefinition` has it.
    public static func == (left: ModelDefinition, right: ModelDefinition) -> Bool {
        let isSameDescription =
            switch (left.description, right.description) {
            case (nil, nil): true
            case (let one?, let other?): one.isSameBytes(other)
            default: false
            }
        return isSameDescription && left.id == right.id && left.tags == right.tags && left.rank == right.rank
            && left.aliasOf == right.aliasOf && left.routes == right.routes
    }
}

/// A route as the database stores it for every gateway.
public struct RouteDefinition: Sendable, Hashable {
    /// The provider's id.
    public let provider: String
    /// The model's name at the provider.
    public let upstreamModel: String
    /// Lower priorities are tried first.
    public let priority: Int
    /// The share of requests within its priority.
    public let weight: Double
    /// A disabled route is never tried.
    public let isEnabled: Bool
    /// A JSON object: the other settings of the route's entry of `gateway.yaml`, in the form of a provider's settings.
    public let options: String

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

    /// The options by bytes, as `ProviderDefinition` has it.
    public static func == (left: RouteDefinition, right: RouteDefinition) -> Bool {
        left.provider == right.provider && left.upstreamModel == right.upstreamModel && left.priority == right.priority
            && left.weight == right.weight && left.isEnabled == right.isEnabled
            && left.options.isSameBytes(right.options)
    }
}

extension String {
    fileprivate func isSameBytes(_ other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
