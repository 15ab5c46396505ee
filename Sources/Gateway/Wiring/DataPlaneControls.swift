import DataPlane
import GatewayConfig
import GatewayCore
import Operations
import Routing

/// The controls of the data plane of this process.
struct DataPlaneControls: DataPlaneControl {
    let server: DataPlaneServer
    /// Seconds since 1970 UTC.
    let startedAt: Int64
    /// The way to the providers, as at the start.
    let egress: EgressConfiguration

    func prepare(_ routing: StoredRouting, prices: RoutePrices) -> PreparedRouting {
        let snapshot = DataPlaneSnapshot(routing, prices: prices, egress: egress, loadedAt: startedAt)
        return PreparedRouting(snapshot.routing) { await server.replaceSnapshot(snapshot) }
    }

    func invalidateKeys() async {
        await server.invalidateKeys()
    }

    func setStale(_ isStale: Bool) async {
        await server.setStale(isStale)
    }
}

extension DataPlaneSnapshot {
    init(_ routing: StoredRouting, prices: RoutePrices, egress: EgressConfiguration, loadedAt: Int64) {
        self.init(
            models: ModelCatalog(routing.models, price: prices.price(of:)),
            providers: ProviderFactory.providers(routing.providers, egress: egress), loadedAt: loadedAt)
    }
}
