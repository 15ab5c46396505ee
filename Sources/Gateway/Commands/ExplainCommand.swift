import ArgumentParser
import ControlSocket
import DataPlane
import Foundation
import GatewayConfig
import GatewayCore
import Routing
import Store

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what would become of a request, and why, without making it.",
        discussion: """
            Runs the stages of a request up to the call of a provider. A running gateway is asked, since it knows which routes \
            rest; without one the answer comes from the database. Exits with 0 whether the request would be let through or refused.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "The key that the request comes with: its public id, or its name.") var key: String
    @Option(help: "What the request asks for: a model's id, or a selector such as tag:fast.") var model: String
    @Flag(help: "The request wants a stream.") var stream = false
    @Flag(help: "The request offers tools.") var tools = false
    @Flag(help: "The request has an image in it.") var vision = false
    @Flag(help: "The request has audio in it.") var audio = false
    @Flag(help: "The request has a file in it.") var files = false
    @Flag(help: "The request wants an answer by a JSON schema.") var jsonSchema = false
    @Flag(help: "The request has a message with the role developer.") var developerRole = false
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        guard APIKeyToken(key) == nil else {
            throw CommandFailure(
                .usage, "--key takes the public id or the name of a key, not the key itself.",
                hint: "The public id stands between `gwk_` and the dot.")
        }
        let configuration = try Configuration.load(global).configuration
        let asked = try await askGateway(configuration)
        let explanation = if let asked { asked } else { try await explain(configuration) }
        if json { try Terminal.printJSON(explanation) } else { explanation.print(of: key) }
    }

    private var required: CapabilitySet {
        let flags: [(Bool, Capability)] = [
            (stream, .stream), (tools, .tools), (vision, .vision), (audio, .audio), (files, .files),
            (jsonSchema, .jsonSchema), (developerRole, .developerRole),
        ]
        return CapabilitySet([APIOperation.chat.capability] + flags.filter(\.0).map(\.1))
    }

    /// Nil if no gateway is running here.
    private func askGateway(_ configuration: GatewayConfiguration) async throws -> Explanation? {
        let client = ControlClient(path: configuration.server.controlSocket)
        do {
            switch try await client.send(ControlCommands.explain(key: key, model: model, required: required)) {
            case .success(let explanation): return try explanation.decoded(as: Explanation.self)
            case .failure(let error) where error.code == ControlCommands.noSuchKeyCode:
                throw CommandFailure(.usage, error.message)
            case .failure(let error): throw error
            }
        } catch ControlClientError.notListening {
            return nil
        }
    }

    private func explain(_ configuration: GatewayConfiguration) async throws -> Explanation {
        let store = try await ConfiguredDatabase.openStore(configuration.database)
        let record = try await KeyLookup.find(key, in: store)
        let (_, routing) = try await store.routing(
            file: configuration, environment: ProcessInfo.processInfo.environment)
        let snapshot = DataPlaneSnapshot(
            routing: RoutingSnapshot(models: ModelCatalog(routing.models), loadedAt: 0),
            providers: try ProviderFactory.providers(routing.providers))
        let explainer = Explainer(
            models: snapshot.routing.models, availability: snapshot.availability, health: { _ in nil },
            now: WallClock.now())
        return explainer.explain(ExplainRequest(key: record, model: model, required: required))
    }
}

/// Finds a key as people name it.
enum KeyLookup {
    /// - Throws: `CommandFailure` if there is no such key, or several of that name are valid.
    static func find(_ text: String, in store: GatewayStore) async throws -> KeyRecord {
        if let record = try await store.keys.find(publicID: text) { return record }
        let named = try await store.keys.list().filter { $0.name == text }
        let valid = named.filter { $0.revokedAt == nil }
        guard let record = valid.last ?? named.last else {
            throw CommandFailure(
                .usage, "There is no key with the public id or name \(text).",
                hint: "`gateway keys list` shows those that there are.")
        }
        guard valid.count < 2 else {
            throw CommandFailure(
                .usage, "\(valid.count) keys are named \(text).",
                hint: "Give the public id: \(valid.map(\.publicID).joined(separator: ", ")).")
        }
        return record
    }
}

extension Explanation {
    /// Says it on the terminal.
    fileprivate func print(of key: String) {
        Terminal.print("Key \(key), model \(requestedModel)\n")
        Terminal.printTable(
            stages.map { stage in
                let verdict = stage.passes.map { $0 ? "ok" : "REFUSED" } ?? "–"
                return [stage.name, verdict, stage.finding + (stage.setting.map { " (setting: \($0))" } ?? "")]
            })
        if !routes.isEmpty {
            Terminal.print("")
            let rows = routes.map { route in
                [
                    route.isKept ? "yes" : "no", route.id, route.provider, route.upstreamModel, "\(route.priority)",
                    "\(route.weight)", route.odds.map { "\(Int(($0 * 100).rounded())) %" } ?? "",
                    route.finding + (route.setting.map { " (setting: \($0))" } ?? ""),
                ]
            }
            Terminal.printTable(
                [["TRIED", "ROUTE", "PROVIDER", "UPSTREAM MODEL", "PRIORITY", "WEIGHT", "FIRST", "FINDING"]] + rows)
        }
        Terminal.print("\n\(code.map { "\(status) \($0)" } ?? "\(status)"): \(message)")
    }
}
