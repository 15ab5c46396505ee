public import GatewayCore
public import Routing
public import Store

/// Says what would become of a request, and why, without making it.
public struct ExplainService: Sendable {
    private let store: GatewayStore
    private let routing: @Sendable () async throws -> RoutingSnapshot
    private let health: @Sendable (Route) -> RouteHealth?
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - routing: what the request is decided by.
    ///   - health: of a route; nil if it is healthy.
    ///   - clock: microseconds since 1970 UTC.
    public init(
        _ store: GatewayStore, routing: @escaping @Sendable () async throws -> RoutingSnapshot,
        health: @escaping @Sendable (Route) -> RouteHealth?, clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.routing = routing
        self.health = health
        self.clock = clock
    }

    /// - Parameter key: a public id, or the name of one key.
    /// - Throws: `KeyServiceError`, `StoreError`, and what `routing` throws.
    public func explain(_ request: ModelRequest, key: String) async throws -> Explanation {
        let record = try await KeyService(store).find(key)
        var previous: StoredResponse?
        if let id = request.previousResponseID { previous = try await store.responses.find(id: id) }
        let explainer = Explainer(snapshot: try await routing(), health: health, now: clock())
        return explainer.explain(ExplainRequest(key: record, request: request, previous: previous))
    }
}
