import Foundation
import GatewayConfig

/// Loads the configuration that the command line names.
enum Configuration {
    static func load(_ options: GlobalOptions) throws(ConfigurationError) -> LoadedConfiguration {
        try GatewayConfiguration.load(path: options.configPath, environment: ProcessInfo.processInfo.environment)
    }
}
