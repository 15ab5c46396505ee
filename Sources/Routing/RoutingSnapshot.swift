public import GatewayCore

/// Everything that decisions about a request are taken from, as one immutable value that is swapped whole.
///
/// A request keeps the snapshot that it began with, so it never sees half of a change.
public struct RoutingSnapshot: Sendable {
    public let models: ModelCatalog
    /// When the snapshot was loaded, in seconds since 1970 UTC: what `GET /v1/models` gives as `created`.
    public let loadedAt: Int64

    public init(models: ModelCatalog, loadedAt: Int64) {
        self.models = models
        self.loadedAt = loadedAt
    }
}
