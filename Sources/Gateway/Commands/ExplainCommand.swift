import ArgumentParser
import ControlSocket
import DataPlane
import Foundation
import GatewayConfig
import GatewayCore
import Logging
import Operations
import Routing

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what would become of a request, and why, without making it.",
        discussion: """
            Makes the decision that a request of this kind would get, and calls no provider. Asks the running gateway, which knows \
            the routes that are cooling down; if none runs, reads the database. Exits with 0 whether the request would be accepted \
            or refused.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "The key that the request comes with: its public id, or its name.") var key: String
    @Option(
        help: "The API of the request: \(APIOperation.names). The default is chat.",
        transform: APIOperation.init(argument:))
    var operation = APIOperation.chat
    @Option(help: "What the request asks for: a model's id, or a selector such as tag:fast.") var model: String
    @Flag(help: "The request wants a stream.") var stream = false
    @Flag(help: "The request offers tools.") var tools = false
    @Flag(help: "The request has an image in it.") var vision = false
    @Flag(help: "The request has audio in it.") var audio = false
    @Flag(help: "The request has a file in it.") var files = false
    @Flag(help: "The request wants an answer by a JSON schema.") var jsonSchema = false
    @Flag(help: "The request has a message with the role developer.") var developerRole = false
    @Option(name: .customLong("previous-response"), help: "The id of the response that the request continues.")
    var previousResponseID: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        guard APIKeyToken(key) == nil else {
            throw CommandFailure(
                .usage, "--key takes the public id or the name of a key, not the key itself.",
                hint: "The public id stands between `gwk_` and the dot.")
        }
        try checkOperation()
        let configuration = try Configuration.load(global).configuration
        let asked = try await askGateway(configuration)
        let explanation = if let asked { asked } else { try await explain(configuration) }
        if json { try Terminal.printJSON(explanation) } else { explanation.print(of: key) }
    }

    /// - Throws: if no request of the operation can have one of the properties.
    private func checkOperation() throws(CommandFailure) {
        if previousResponseID != nil, operation != .responses {
            throw CommandFailure(
                .usage, "Only a responses request continues a response.", hint: "Add --operation responses.")
        }
        if operation == .embeddings, !flags.isEmpty {
            throw CommandFailure(
                .usage, "An embeddings request has none of the properties that the flags name.",
                hint: "Leave the flags out.")
        }
    }

    private var request: ModelRequest {
        ModelRequest(
            operation: operation, model: model, required: CapabilitySet([operation.capability] + flags),
            previousResponseID: previousResponseID)
    }

    private var flags: [Capability] {
        let flags: [(Bool, Capability)] = [
            (stream, .stream), (tools, .tools), (vision, .vision), (audio, .audio), (files, .files),
            (jsonSchema, .jsonSchema), (developerRole, .developerRole),
        ]
        return flags.filter(\.0).map(\.1)
    }

    /// Nil if no gateway is running here.
    private func askGateway(_ configuration: GatewayConfiguration) async throws -> Explanation? {
        let client = ControlClient(path: configuration.server.controlSocket)
        do {
            switch try await client.send(.explain(key: key, request)) {
            case .success(let explanation): return try explanation.decoded(as: Explanation.self)
            case .failure(let error): throw error
            }
        } catch ControlClientError.notListening {
            return nil
        }
    }

    private func explain(_ configuration: GatewayConfiguration) async throws -> Explanation {
        let store = try await ConfiguredDatabase.openStore(configuration.database)
        let service = ExplainService(
            store,
            routing: {
                let routing = try await store.routing(file: configuration)
                let prices = try await PriceService(store, logger: .silent).storedPrices(for: routing)
                return DataPlaneSnapshot(routing, prices: prices, egress: configuration.egress, loadedAt: 0).routing
            }, health: { _ in nil }, clock: WallClock.now)
        return try await service.explain(request, key: key)
    }
}

extension APIOperation {
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    fileprivate init(argument: String) throws {
        guard let operation = APIOperation(rawValue: argument) else {
            throw ValidationError("It is one of \(Self.names).")
        }
        self = operation
    }
}

extension Explanation {
    /// Says it on the terminal.
    fileprivate func print(of key: String) {
        Terminal.print("Key \(key), \(operation) request for the model \(requestedModel)\n")
        Terminal.printTable(
            stages.map { stage in
                [stage.name, stage.verdict.label, stage.finding + (stage.setting.map { " (setting: \($0))" } ?? "")]
            })
        if !routes.isEmpty {
            Terminal.print("")
            let rows = routes.map { route in
                [
                    route.isKept ? "yes" : "no", route.id, route.provider, route.upstreamModel, "\(route.priority)",
                    "\(route.weight)", route.odds.map { "\(Int(($0 * 100).rounded())) %" } ?? "", route.price.summary,
                    route.finding + (route.setting.map { " (setting: \($0))" } ?? ""),
                ]
            }
            Terminal.printTable(
                [["TRIED", "ROUTE", "PROVIDER", "UPSTREAM MODEL", "PRIORITY", "WEIGHT", "FIRST", "PRICE", "FINDING"]]
                    + rows)
        }
        Terminal.print("\n\(code.map { "\(status) \($0)" } ?? "\(status)"): \(message)")
    }
}

extension Decision.Verdict {
    /// For the terminal.
    fileprivate var label: String {
        switch self {
        case .passed: "ok"
        case .refused: "REFUSED"
        case .notReached: "–"
        }
    }
}
