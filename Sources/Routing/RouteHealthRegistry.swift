public import GatewayCore
import Synchronization

/// How the routes have been doing on this gateway, seen by all of its event loops.
///
/// As long as nothing is wrong anywhere it costs one atomic read.
public final class RouteHealthRegistry: Sendable {
    /// A route as its health is kept: a route of the same name that leads elsewhere after a reload is another one.
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
    public func condition(of route: Route, at now: Int64) -> RouteHealth.Condition {
        guard count.load(ordering: .relaxed) > 0 else { return .open }
        return unhealthyRoutes.withLock { $0[Key(route)]?.condition(at: now) } ?? .open
    }

    /// What is known against `route`; nil if nothing is.
    public func health(of route: Route) -> RouteHealth? {
        unhealthyRoutes.withLock { $0[Key(route)] }
    }

    /// An attempt begins; true if it is the one that finds out how the route is.
    public func begin(_ route: Route, at now: Int64) -> Bool {
        guard count.load(ordering: .relaxed) > 0 else { return false }
        return unhealthyRoutes.withLock { $0[Key(route)]?.begin(at: now) } ?? false
    }

    /// An attempt is over. To be told of every one that `begin` was told of.
    public func end(_ route: Route, _ outcome: RouteHealth.Outcome, wasProbe: Bool, at now: Int64) {
        if outcome == .healthy, count.load(ordering: .relaxed) == 0 { return }
        unhealthyRoutes.withLock { unhealthyRoutes in
            let key = Key(route)
            var health = unhealthyRoutes[key] ?? RouteHealth()
            health.end(outcome, wasProbe: wasProbe, at: now, policy: policy)
            unhealthyRoutes[key] = health.isHealthy ? nil : health
            count.store(unhealthyRoutes.count, ordering: .relaxed)
        }
    }
}
