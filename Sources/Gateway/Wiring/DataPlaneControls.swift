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

    func prepare(_ routing: StoredRouting) throws -> PreparedRouting {
        let snapshot = try DataPlaneSnapshot(routing, loadedAt: startedAt)
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
    /// - Throws: `CommandFailure` if a provider cannot be set up.
    init(_ routing: StoredRouting, loadedAt: Int64) throws {
        self.init(
            models: ModelCatalog(routing.models), providers: try ProviderFactory.providers(routing.providers),
            loadedAt: loadedAt)
    }
}
