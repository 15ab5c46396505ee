public import GatewayCore
public import Providers
public import Routing

/// The routing snapshot with the adapters of its routes.
public struct DataPlaneSnapshot: Sendable {
    public let routing: RoutingSnapshot
    private let providers: [String: any Provider]

    public init(routing: RoutingSnapshot, providers: [any Provider]) {
        self.routing = routing
        self.providers = Dictionary(providers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// No models and no providers: the state before the first load.
    public static let empty = DataPlaneSnapshot(
        routing: RoutingSnapshot(models: ModelCatalog([Model]()), loadedAt: 0), providers: [])

    func provider(_ id: String) -> (any Provider)? {
        providers[id]
    }

    /// The availability and the capabilities of a provider.
    @Sendable public func availability(_ id: String) -> ProviderAvailability {
        providers[id]?.availability ?? .missing
    }
}
