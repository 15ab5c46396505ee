public import GatewayCore

/// The models, routes and providers that requests are decided by, as one immutable value that is replaced as a whole.
///
/// A request keeps the snapshot that it began with, so it never sees a change halfway through.
public struct RoutingSnapshot: Sendable {
    /// No models and no providers: the state before the first load.
    public static let empty = RoutingSnapshot(models: ModelCatalog([Model]()), providers: [:], loadedAt: 0)

    public let models: ModelCatalog
    /// When the snapshot was loaded, in seconds since 1970 UTC: what `GET /v1/models` gives as `created`.
    public let loadedAt: Int64
    private let providers: [String: ProviderAvailability]

    /// - Parameter providers: whether each provider can be called, and for what; by its id.
    public init(models: ModelCatalog, providers: [String: ProviderAvailability], loadedAt: Int64) {
        self.models = models
        self.providers = providers
        self.loadedAt = loadedAt
    }

    /// Whether the provider can be called, and for what.
    func availability(of provider: String) -> ProviderAvailability {
        providers[provider] ?? .missing
    }
}
