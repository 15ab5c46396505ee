import ArgumentParser
import Foundation
import Operations

/// The steps of `serve` before it serves: an option or an environment variable can skip each.
struct StartupOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Migrate the database to this release's schema first (default: true, or $GATEWAY_RUN_MIGRATIONS).",
            valueName: "true|false"))
    var runMigrations: Bool?
    @Option(
        help: ArgumentHelp(
            "Write what the configuration lists into the database first (default: true, or $GATEWAY_SEED_CONFIG).",
            valueName: "true|false"))
    var seedConfig: Bool?

    @Option(
        help: ArgumentHelp(
            "Create the first administrator first, if none exists (default: true, or $GATEWAY_BOOTSTRAP_ADMIN).",
            valueName: "true|false"))
    var bootstrapAdmin: Bool?

    /// The enabled steps.
    func steps(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> StartupSteps {
        StartupSteps(
            runMigrations: try runMigrations ?? Self.flag("GATEWAY_RUN_MIGRATIONS", in: environment),
            seedConfig: try seedConfig ?? Self.flag("GATEWAY_SEED_CONFIG", in: environment),
            bootstrapAdmin: try bootstrapAdmin ?? Self.flag("GATEWAY_BOOTSTRAP_ADMIN", in: environment))
    }

    private static func flag(_ name: String, in environment: [String: String]) throws -> Bool {
        switch environment[name]?.lowercased() {
        case nil, "", "true", "1", "yes": true
        case "false", "0", "no": false
        case let other?: throw CommandFailure(.usage, "\(name) is `\(other)`.", hint: "Set it to true or false.")
        }
    }
}
