public import GatewayConfig
public import Store

extension GatewayStore {
    /// The providers and models of all gateways, and their version.
    /// - Parameters:
    ///   - file: this gateway's own file, for its `literal.` secrets.
    ///   - environment: the environment at the start of the process.
    /// - Throws: `StoreError`, and `ConfigurationError` for a definition that this release cannot read.
    public func routing(
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
