public import GatewayCore
import Synchronization

/// The health of the routes on this gateway, shared by its event loops.
///
/// While every route is healthy, a query costs one atomic read.
public final class RouteHealthRegistry: Sendable {
    /// The identity of a route's health. A route with the same id but another target after a reload has a health of its
    /// own.
    public struct Key: Sendable, Hashable {
        public let route: String
        public let provider: String
        public let upstreamModel: String

        public init(_ route: Route) {
            self.route = route.id
            provider = route.provider
            upstreamModel = route.upstreamModel
        }
    }

    private let policy: RouteHealth.Policy
    private let unhealthyRoutes = Mutex<[Key: RouteHealth]>([:])
    private let count = Atomic(0)

    public init(policy: RouteHealth.Policy) {
        self.policy = policy
    }

    /// Whether `route` may be tried at the time `now`, microseconds since 1970 UTC.
    /// - Parameter owner: the owner of the request's key.
    public func condition(of route: Route, at now: Int64, for owner: KeyOwner? = nil) -> RouteHealth.Condition {
        guard count.load(ordering: .relaxed) > 0 else { return .open }
        return unhealthyRoutes.withLock { $0[Key(route)]?.condition(at: now, for: owner) } ?? .open
    }

    /// The health of `route`; nil if it is healthy.
    public func health(of route: Route) -> RouteHealth? {
        unhealthyRoutes.withLock { $0[Key(route)] }
    }

    /// Records the start of an attempt.
    /// - Returns: whether the attempt is the probe.
    public func begin(_ route: Route, at now: Int64, for owner: KeyOwner? = nil) -> Bool {
        guard count.load(ordering: .relaxed) > 0 else { return false }
        return unhealthyRoutes.withLock { $0[Key(route)]?.begin(at: now, for: owner) } ?? false
    }

    /// Records the end of an attempt: once for every `begin`.
    /// - Parameter owner: the owner of the request's key; nil if no request can have caused the failure.
    public func end(
        _ route: Route, _ outcome: RouteHealth.Outcome, of owner: KeyOwner? = nil, wasProbe: Bool, at now: Int64
    ) {
        if outcome == .healthy, count.load(ordering: .relaxed) == 0 { return }
        unhealthyRoutes.withLock { unhealthyRoutes in
            let key = Key(route)
            var health = unhealthyRoutes[key] ?? RouteHealth()
            health.end(outcome, of: owner, wasProbe: wasProbe, at: now, policy: policy)
            unhealthyRoutes[key] = health.isHealthy ? nil : health
            count.store(unhealthyRoutes.count, ordering: .relaxed)
        }
    }
}
