import GatewayConfig
import Store

extension GatewayStore {
    /// The providers and models of all gateways, and their version.
    func routing(
        file: GatewayConfiguration, environment: [String: String]
    ) async throws -> (version: Int64, routing: StoredRouting) {
        let (version, providers, models) = try await read { reader in
            (
                try reader.changeVersion().routing,
                try reader.providers().filter { !$0.isRetired }.map(\.definition),
                try reader.models().filter { !$0.isRetired }.map(\.definition)
            )
        }
        return (
            version,
            try StoredRouting.read(providers: providers, models: models, file: file, environment: environment)
        )
    }
}
