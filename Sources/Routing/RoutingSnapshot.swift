public import GatewayCore

/// The models and routes that requests are decided by, as one immutable value that is replaced as a whole.
///
/// A request keeps the snapshot that it began with, so it never sees a change halfway through.
public struct RoutingSnapshot: Sendable {
    public let models: ModelCatalog
    /// When the snapshot was loaded, in seconds since 1970 UTC: what `GET /v1/models` gives as `created`.
    public let loadedAt: Int64

    public init(models: ModelCatalog, loadedAt: Int64) {
        self.models = models
        self.loadedAt = loadedAt
    }
}
