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

    func prepare(_ routing: StoredRouting) -> PreparedRouting {
        let snapshot = DataPlaneSnapshot(routing, loadedAt: startedAt)
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
    init(_ routing: StoredRouting, loadedAt: Int64) {
        self.init(
            models: ModelCatalog(routing.models), providers: ProviderFactory.providers(routing.providers),
            loadedAt: loadedAt)
    }
}
