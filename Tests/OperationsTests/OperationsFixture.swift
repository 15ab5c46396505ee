import Database
import Foundation
import GatewayConfig
import GatewayCore
import GatewayTestSupport
import Logging
import Operations
import Provisioning
import Routing
import Store

/// A folder with a configuration file and a SQLite database, and what runs on them.
struct OperationsFixture {
    static let clock: @Sendable () -> Int64 = { 1_000_000 }

    let folder: URL
    let opened: ConfiguredDatabase
    let dataPlane = FakeDataPlane()
    let live = LiveRouting()
    let readiness = Readiness(isLoaded: false)
    let log = RecordingLog()

    var store: GatewayStore { opened.store }
    var path: String { folder.appending(path: "gateway.yaml").path }

    /// A configuration with the simulated models `ids`.
    static func text(_ ids: String..., more: String = "") -> String {
        let models = ids.map { "  - { id: \($0), routes: [{ provider: sim }] }\n" }.joined()
        return "providers:\n  - { id: sim, type: simulator }\nmodels:\n\(models)\(more)"
    }

    /// Replaces the file; its database stays the same.
    func write(_ text: String) throws {
        try Data((text + Self.database(in: folder)).utf8).write(to: URL(filePath: path))
    }

    static func database(in folder: URL) -> String {
        "database: { path: \(folder.appending(path: "test.db").path) }\n"
    }

    func load() throws -> GatewayConfiguration {
        try GatewayConfiguration.load(path: path, environment: [:]).configuration
    }

    func configurationService(changeLimit: Duration = .seconds(90)) throws -> ConfigurationService {
        ConfigurationService(
            file: try load(), path: path, environment: [:], store: store,
            prices: PriceService(store, logger: log.logger),
            dataPlane: dataPlane, live: live,
            readiness: readiness, changeLimit: changeLimit, logger: log.logger)
    }

    func startup(runMigrations: Bool = true, seedConfig: Bool = true) throws -> DatabaseStartup {
        DatabaseStartup(
            opened: opened, file: try load(),
            steps: StartupSteps(runMigrations: runMigrations, seedConfig: seedConfig, bootstrapAdmin: true),
            clock: Self.clock, logger: log.logger)
    }

    /// Stores a setting of the model's routes that this release does not know, as a newer one may.
    func spoil(model: String) async throws {
        try await store.transaction(by: Seeder.actor) { transaction in
            let options = #"{"novelty":1}"#
            let route = RouteDefinition(
                provider: "sim", upstreamModel: "m", priority: 1, weight: 1, isEnabled: true, options: options)
            let definition = ModelDefinition(
                id: model, description: nil, tags: [], rank: 1, aliasOf: nil, routes: [route])
            try transaction.putModel(definition, expecting: nil, managedBy: .file)
        }
    }

    /// The ids of the stored models that are not retired.
    func storedModels() async throws -> [String] {
        try await store.read { try $0.models().filter { !$0.isRetired }.map(\.definition.id) }
    }
}

/// Runs `body` with a configuration file of `text`, and a database that has the whole schema unless `isMigrated` is
/// false.
func withOperations(
    _ text: String = OperationsFixture.text("m"), isMigrated: Bool = true,
    _ body: (OperationsFixture) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "gateway.yaml")
    try Data((text + OperationsFixture.database(in: folder)).utf8).write(to: file)
    let configuration = try GatewayConfiguration.load(path: file.path, environment: [:]).configuration
    let opened = try ConfiguredDatabase(configuration.database, clock: OperationsFixture.clock)
    if isMigrated { _ = try await opened.migrator.apply(to: opened.database, now: 1) }
    try await body(OperationsFixture(folder: folder, opened: opened))
    try await opened.database.close()
}

/// A data plane that records what it is told.
final class FakeDataPlane: DataPlaneControl {
    enum Event: Equatable {
        /// The ids of the models.
        case installed([String])
        case keysInvalidated
        case stale(Bool)
    }

    let recorded = Watched<[Event]>([])
    /// As they were installed last.
    let models = Watched(RoutingSnapshot.empty.models)
    /// Where it is closed, nothing takes effect until it opens; no cancellation helps.
    let gate = Watched(true)

    var events: [Event] { recorded.value }

    func prepare(_ routing: StoredRouting, prices: RoutePrices) -> PreparedRouting {
        let ids = routing.models.map(\.id)
        let snapshot = RoutingSnapshot(
            models: ModelCatalog(routing.models, price: prices.price(of:)), providers: ["sim": .ready(.all)],
            loadedAt: 0)
        return PreparedRouting(snapshot) { [recorded, gate, models] in
            models.update { $0 = snapshot.models }
            recorded.update { $0.append(.installed(ids)) }
            let opened = Task { try await gate.wait(for: "open gate", within: .seconds(50)) { $0 ? () : nil } }
            _ = await opened.result
        }
    }

    func invalidateKeys() async {
        recorded.update { $0.append(.keysInvalidated) }
    }

    func setStale(_ isStale: Bool) async {
        recorded.update { $0.append(.stale(isStale)) }
    }
}

/// The log, for tests that read it.
final class RecordingLog: Sendable {
    let lines = Watched<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self.lines) } }

    private struct Handler: LogHandler {
        let lines: Watched<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let line = "\(event.level): " + ([event.message.description] + pairs).joined(separator: " ")
            lines.update { $0.append(line) }
        }
    }
}
