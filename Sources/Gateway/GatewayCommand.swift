import ArgumentParser
import Foundation

/// The root command. Commands parse, call and print; what they call is in other targets.
@main struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Sluice, a self-hosted LLM gateway.",
        discussion: """
            Exit codes: 0 done, 1 a check failed, 2 usage, 3 configuration, 4 database, 5 database reset required. No \
            command takes a secret as an argument; secrets come from the environment or from files that the \
            configuration names.
            """,
        version: GatewayVersion.current,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, SeedConfigCommand.self, BootstrapAdminCommand.self,
            SeedLocalDemoCommand.self, ReloadCommand.self, ConfigCommand.self,
            KeysCommand.self, PricesCommand.self, SpendCommand.self, ExplainCommand.self, HealthcheckCommand.self,
        ])

    @OptionGroup var global: GlobalOptions

    static func main() async {
        // Only the gateway's user may read the database, its journal and the socket.
        umask(0o077)
        Terminal.prepare()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try Terminal.checkOutput()
            exit(0)
        } catch {
            leave(with: error)
        }
    }

    /// Skips the exit handlers of libraries: a thread may still be waiting within libpq for a server that does not
    /// answer, and would use memory that OpenSSL's handler has freed.
    private static func exit(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    private static func leave(with error: any Error) -> Never {
        if let failure = error as? CommandFailure {
            Terminal.printError(failure.description)
            exit(failure.code.rawValue)
        }
        let message = fullMessage(for: error)
        if exitCode(for: error) == .success {
            Terminal.print(message)
            exit(Terminal.outputFailure == nil ? 0 : CommandFailure.Code.checkFailed.rawValue)
        }
        let isUsage = exitCode(for: error) == .validationFailure
        Terminal.printError(isUsage ? message : CommandFailure(error).description)
        exit(isUsage ? CommandFailure.Code.usage.rawValue : CommandFailure(error).code.rawValue)
    }
}

/// The options of every command.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The configuration file (default: $GATEWAY_CONFIG, otherwise ./gateway.yaml).", valueName: "path"))
    var config: String?

    /// The effective path.
    var configPath: String {
        config ?? ProcessInfo.processInfo.environment["GATEWAY_CONFIG"] ?? "./gateway.yaml"
    }
}
