public import GatewayConfig
public import Routing

/// The controls of a running data plane.
public protocol DataPlaneControl: Sendable {
    /// Makes everything that requests need to be served by `routing`; nothing takes effect yet. A provider that cannot
    /// be set up is unavailable in it.
    func prepare(_ routing: StoredRouting, prices: RoutePrices) -> PreparedRouting

    /// Every key is fetched again when it is next used. When this returns, no request is decided by a cached one.
    func invalidateKeys() async

    /// Whether the loaded data is too old to decide by. New requests are refused while it is.
    func setStale(_ isStale: Bool) async
}

/// Routing that can take effect without an error.
public struct PreparedRouting: Sendable {
    /// What requests are decided by once the routing is in effect.
    public let snapshot: RoutingSnapshot
    private let takeEffect: @Sendable () async -> Void

    /// - Parameter takeEffect: replaces the data plane's snapshot; when it returns, every new request is decided by it.
    public init(_ snapshot: RoutingSnapshot, takeEffect: @escaping @Sendable () async -> Void) {
        self.snapshot = snapshot
        self.takeEffect = takeEffect
    }

    func install() async {
        await takeEffect()
    }
}
