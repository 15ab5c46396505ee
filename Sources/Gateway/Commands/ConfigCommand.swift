import ArgumentParser
import GatewayConfig
import Operations

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check or show the configuration, without starting anything.",
        subcommands: [Validate.self, Show.self])

    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the configuration; every error names the file, line, path and what to do.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let loaded = try Configuration.loadChecked(global)
            for warning in loaded.warnings { Terminal.printError("warning: \(warning)") }
            let configuration = loaded.configuration
            // Connects to nothing, but finds a URL that libpq does not accept.
            _ = try ConfiguredDatabase(configuration.database)
            Terminal.print(
                "\(global.configPath) is valid: \(configuration.providers.count) providers, "
                    + "\(configuration.models.count) models, \(configuration.auth.seedAPIKeys.count) seeded keys, "
                    + "\(loaded.warnings.count) warnings.")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the effective configuration, defaults included, secrets masked.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            Terminal.print(try Configuration.load(global).configuration.rendered())
        }
    }
}
