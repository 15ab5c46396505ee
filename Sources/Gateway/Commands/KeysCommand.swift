import ArgumentParser
import ControlSocket
import DataPlane
import Foundation
import GatewayConfig
import GatewayCore
import Operations

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Create, list and revoke API keys.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an API key and print it, once: only a hash of it is kept.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "What the key is for, as lists show it.") var name: String
        @Option(help: "The user who owns the key, by e-mail address.") var user: String?
        @Option(help: "The team that owns the key (default: system-legacy).") var team: String?
        @Option(help: "`all`, or model ids separated by commas.") var models = "all"
        @Option(help: "When the key ends: a number and s, m, h, d or w, such as 30d (default: never).") var expires:
            String?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            guard user == nil || team == nil else { throw ValidationError("A key has one owner: --user or --team.") }
            guard !name.isEmpty else { throw ValidationError("The name is empty.") }
            if let expires, Lifetime(expires) == nil {
                throw ValidationError(
                    "`\(expires)` is not a lifetime; write a number and s, m, h, d or w, such as 30d.")
            }
        }

        func run() async throws {
            let configuration = try Configuration.load(global).configuration
            let grant = try KeyRequest.grant(models, in: configuration)
            let keys = KeyService(try await ConfiguredDatabase.openStore(configuration.database))
            let (record, token) = try await keys.create(
                name: name, owner: KeyRequest.owner(user: user, team: team), grant: grant,
                expiresAt: expires.flatMap(Lifetime.init).map { WallClock.now() + $0.microseconds },
                actor: .commandLine)
            try await ShownOnce.show([record.publicID], of: keys) {
                if json {
                    try Terminal.printJSON(KeyView(record, token: token))
                } else {
                    Terminal.print(token.text.reveal())
                }
            }
            if json { return }
            Terminal.printError("This is the only time that the key is shown. Its public id is \(record.publicID).")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the API keys, oldest first.")

        @OptionGroup var global: GlobalOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let configuration = try Configuration.load(global).configuration
            let records = try await KeyService(ConfiguredDatabase.openStore(configuration.database)).all()
            let views = records.map { KeyView($0) }
            if json { return try Terminal.printJSON(views) }
            Terminal.printTable([KeyView.columns] + views.map(\.cells))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key for good, at once.",
            discussion: "A running gateway on this machine refuses the key when the command returns; others within 2 s."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The key's public id, as `gateway keys list` shows it.") var publicID: String
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            // Named by its first part, so that the message does not repeat the secret.
            if let token = APIKeyToken(publicID) {
                throw ValidationError("This is a whole key. Give its public id only: \(token.publicID).")
            }
        }

        func run() async throws {
            let configuration = try Configuration.load(global).configuration
            let revoked = try await revokeThroughGateway(configuration)
            let view = if let revoked { revoked } else { try await revokeInDatabase(configuration) }
            if json { return try Terminal.printJSON(view) }
            Terminal.print("The key \(view.publicID) (\(view.name)) is revoked.")
        }

        /// Nil if no gateway is running here.
        private func revokeThroughGateway(_ configuration: GatewayConfiguration) async throws -> KeyView? {
            let client = ControlClient(path: configuration.server.controlSocket)
            do {
                switch try await client.send(.revoke(publicID: publicID, actor: .commandLine)) {
                case .success(let key): return try key.decoded(as: KeyView.self)
                case .failure(let error): throw error
                }
            } catch ControlClientError.notListening {
                return nil
            }
        }

        private func revokeInDatabase(_ configuration: GatewayConfiguration) async throws -> KeyView {
            let keys = KeyService(try await ConfiguredDatabase.openStore(configuration.database))
            return KeyView(try await keys.revoke(publicID: publicID, actor: .commandLine))
        }
    }
}

extension AuditActor {
    /// The operating system user who runs the command.
    static var commandLine: AuditActor { AuditActor(kind: .command, name: NSUserName()) }
}
