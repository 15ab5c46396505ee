import DataPlane
import Foundation
import GatewayConfig
import Operations
import Store

/// Loads the configuration that the command line names.
enum Configuration {
    static func load(_ options: GlobalOptions) throws(ConfigurationError) -> LoadedConfiguration {
        try load(options, prices: nil)
    }

    /// The same, and checks the providers and routes against the price list: for what makes the configuration that of
    /// running gateways.
    static func loadChecked(_ options: GlobalOptions) throws(ConfigurationError) -> LoadedConfiguration {
        try load(options, prices: CataloguePrices.builtIn)
    }

    private static func load(
        _ options: GlobalOptions, prices: (any PriceListIndex)?
    ) throws(ConfigurationError) -> LoadedConfiguration {
        try GatewayConfiguration.load(
            path: options.configPath, environment: ProcessInfo.processInfo.environment, prices: prices)
    }
}

extension ConfiguredDatabase {
    init(_ configuration: DatabaseConfiguration) throws {
        try self.init(configuration, clock: WallClock.now)
    }

    static func openStore(_ configuration: DatabaseConfiguration) async throws -> GatewayStore {
        try await openStore(configuration, clock: WallClock.now)
    }
}
