public import GatewayConfig
public import Logging
import Provisioning
public import Routing
public import Store

/// The configuration of a running gateway: its own file, and the shared providers and models from the database.
public actor ConfigurationService {
    private let path: String
    private let environment: [String: String]
    private let store: GatewayStore
    private let dataPlane: any DataPlaneControl
    private let live: LiveRouting
    private let readiness: Readiness
    private let logger: Logger
    private var file: GatewayConfiguration
    /// The logged reasons why providers are unavailable, by id.
    private var unavailable: [String: String] = [:]
    /// The version of the providers and models in effect.
    private var installed: Int64?
    /// The last change; the next one waits for it, so that changes stay in order.
    private var tail: Task<Void, Never>?

    /// - Parameters:
    ///   - file: the configuration read from `path`.
    ///   - environment: the environment of the process, which does not change.
    ///   - live: follows the routing in effect.
    public init(
        file: GatewayConfiguration, path: String, environment: [String: String], store: GatewayStore,
        dataPlane: any DataPlaneControl, live: LiveRouting, readiness: Readiness, logger: Logger
    ) {
        self.file = file
        self.path = path
        self.environment = environment
        self.store = store
        self.dataPlane = dataPlane
        self.live = live
        self.readiness = readiness
        self.logger = logger
    }

    /// The hash of the file in effect.
    public var configurationHash: String { file.hash }

    /// Loads the present state of the database. On an error, the previous state stays in effect.
    ///
    /// - Parameter version: the version of the database, if known; nothing happens if it is loaded already.
    public func refresh(to version: ChangeVersion? = nil) async throws {
        try await serially {
            if let version, await self.installed == version.routing { return }
            try await self.install()
        }
    }

    /// Reads the file again, writes what it lists into the database, and loads the result; other gateways follow.
    ///
    /// On an error, the previous state stays in effect, here and on other gateways.
    public func reload() async throws -> ReloadReport {
        try await serially { try await self.reloadNow() }
    }

    /// Acts on a finding of the watch over the database.
    /// - Throws: if a change cannot take effect; the previous state stays in effect.
    public func follow(_ finding: ChangeWatch.Finding) async throws {
        readiness.record(.database, isFine: finding != .unreachable && finding != .stale)
        switch finding {
        case .unchanged, .unreachable: return
        case .changed(let version):
            await dataPlane.invalidateKeys()
            try await refresh(to: version)
        case .stale: break
        }
        readiness.record(.stale, isFine: finding != .stale)
        await dataPlane.setStale(finding == .stale)
    }

    private func reloadNow() async throws -> ReloadReport {
        let loaded = try GatewayConfiguration.load(path: path, environment: environment)
        let seeded = try await Seeder.seed(Seed(loaded.configuration), into: store, refreshes: true)
        let before = file
        file = loaded.configuration
        do {
            try await install()
        } catch {
            file = before
            throw error
        }
        await dataPlane.invalidateKeys()
        return ReloadReport(
            configurationHash: file.hash, seeded: seeded, warnings: loaded.warnings,
            needRestart: file.settingsThatDiffer(from: before))
    }

    private func install() async throws {
        let (version, routing) = try await store.routing(file: file, environment: environment)
        let prepared = try dataPlane.prepare(routing)
        await prepared.install()
        live.replace(prepared.snapshot)
        installed = version
        logUnavailable(routing.providers)
    }

    private func logUnavailable(_ providers: [ProviderConfiguration]) {
        let now = providers.reduce(into: [String: String]()) { $0[$1.id] = $1.unavailableReason }
        for (id, reason) in now.sorted(by: { $0.key < $1.key }) where unavailable[id] != reason {
            logger.warning("A provider cannot be used.", metadata: ["provider": "\(id)", "reason": "\(reason)"])
        }
        for id in unavailable.keys.sorted() where now[id] == nil {
            logger.notice("A provider can be used again.", metadata: ["provider": "\(id)"])
        }
        unavailable = now
    }

    private func serially<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let previous = tail
        let task = Task {  // reason: an actor lets others in while it waits, and this work must not be overtaken
            await previous?.value
            return try await work()
        }
        tail = Task { _ = await task.result }  // reason: the place in the queue, whatever the result of the work
        return try await task.value
    }
}
