public import GatewayCore
public import Providers
public import Routing

/// The routing snapshot with the adapters of its providers.
public struct DataPlaneSnapshot: Sendable {
    /// No models and no providers: the state before the first load.
    public static let empty = DataPlaneSnapshot(models: ModelCatalog([Model]()), providers: [], loadedAt: 0)

    public let routing: RoutingSnapshot
    private let providers: [String: any Provider]

    /// - Parameter loadedAt: seconds since 1970 UTC.
    public init(models: ModelCatalog, providers: [any Provider], loadedAt: Int64) {
        self.providers = Dictionary(providers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        routing = RoutingSnapshot(
            models: models, providers: self.providers.mapValues(\.availability), loadedAt: loadedAt)
    }

    func provider(_ id: String) -> (any Provider)? {
        providers[id]
    }
}
