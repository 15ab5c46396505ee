import ArgumentParser
import GatewayConfig
import Operations
import Provisioning

struct SeedConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed-config", abstract: "Write what the configuration lists into the database.",
        discussion: """
            Providers, models, teams, users, budgets and seeded keys, in one transaction. A second run changes nothing. \
            Providers and models that are no longer listed are retired; teams, users and budgets are left to the control plane. \
            Running gateways follow within two seconds.
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let loaded = try Configuration.loadChecked(global)
        for warning in loaded.warnings { Terminal.printError("warning: \(warning)") }
        let store = try await ConfiguredDatabase.openStore(loaded.configuration.database)
        let view = SeedView(try await FileSeeding.seed(loaded.configuration, into: store))
        if json { try Terminal.printJSON(view) } else { view.print() }
    }
}
