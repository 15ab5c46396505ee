/// A model as callers name it: routes to upstream models, or an alias of another model.
public struct Model: Sendable, Hashable {
    /// The target of the name.
    public enum Target: Sendable, Hashable {
        case alias(of: String)
        case routes([Route])
    }

    public let id: String
    public let description: String?
    public let tags: Set<String>
    /// Lower ranks are listed first, and chosen first by tag selectors.
    public let rank: Int
    public let target: Target

    public init(id: String, description: String? = nil, tags: Set<String> = [], rank: Int = 100, target: Target) {
        self.id = id
        self.description = description
        self.tags = tags
        self.rank = rank
        self.target = target
    }
}

/// One way to reach an upstream model.
public struct Route: Sendable, Hashable {
    /// `<model>/<position, from 1>`.
    public let id: String
    public let provider: String
    public let upstreamModel: String
    /// Lower priorities are tried first.
    public let priority: Int
    /// The share of requests within its priority. Zero or less takes the route out.
    public let weight: Double
    public let isEnabled: Bool
    /// The capabilities that the route allows; it supports those of them that its provider supports.
    public let capabilities: CapabilitySet
    /// The changes that it makes to requests.
    public let adjustments: RouteAdjustments
    /// Why the route is unusable: a header whose reference has no value. The provider's availability is separate.
    public let unavailableReason: String?
    /// What its attempts cost.
    public let price: RoutePrice

    public init(
        id: String, provider: String, upstreamModel: String, priority: Int = 100, weight: Double = 1,
        isEnabled: Bool = true, capabilities: CapabilitySet = .all, adjustments: RouteAdjustments = .none,
        unavailableReason: String? = nil, price: RoutePrice = .unknown
    ) {
        self.id = id
        self.provider = provider
        self.upstreamModel = upstreamModel
        self.priority = priority
        self.weight = weight
        self.isEnabled = isEnabled
        self.capabilities = capabilities
        self.adjustments = adjustments
        self.unavailableReason = unavailableReason
        self.price = price
    }
}
