public import GatewayConfig
import GatewayCore
public import Logging
public import Routing
public import Store

/// The configuration of a running gateway: its own file, and the shared providers and models from the database.
public actor ConfigurationService {
    private let path: String
    private let environment: [String: String]
    private let store: GatewayStore
    private let prices: PriceService
    private let dataPlane: any DataPlaneControl
    private let live: LiveRouting
    private let readiness: Readiness
    private let changeLimit: Duration
    private let logger: Logger
    private var file: GatewayConfiguration
    /// The logged reasons why providers are unavailable, by id.
    private var unavailable: [String: String] = [:]
    /// The version of the providers and models in effect.
    private var installed: Int64?
    /// Ends when every change so far has ended; the next one waits for it, so that changes stay in order.
    private var tail: Task<Void, Never>?
    /// The versions that the watch has found and that are not in effect yet; only the newest counts.
    private nonisolated let (changes, changing) = AsyncStream.makeStream(
        of: ChangeVersion.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - file: the configuration read from `path`.
    ///   - environment: the environment of the process, which does not change.
    ///   - live: follows the routing in effect.
    ///   - changeLimit: how long a change may take, with its wait for those before it: longer than all limits of the
    ///     database, so that only what has none meets it.
    public init(
        file: GatewayConfiguration, path: String, environment: [String: String], store: GatewayStore,
        prices: PriceService, dataPlane: any DataPlaneControl, live: LiveRouting, readiness: Readiness,
        changeLimit: Duration = .seconds(90), logger: Logger
    ) {
        self.file = file
        self.path = path
        self.environment = environment
        self.store = store
        self.prices = prices
        self.dataPlane = dataPlane
        self.live = live
        self.readiness = readiness
        self.changeLimit = changeLimit
        self.logger = logger
    }

    /// The hash of the file in effect.
    public var configurationHash: String { file.hash }

    /// Loads the state of the database for the first time. What cannot be read of it is logged and left out.
    public func loadFirst() async throws {
        try await serially { try await self.loadFirstNow() }
    }

    /// Reads the file again, writes what it lists into the database, and puts the result into effect; other gateways
    /// follow.
    ///
    /// On an error, the previous state stays in effect, here and on other gateways.
    ///
    /// - Throws: among others `ChangeTimeout`, and `CancellationError` as soon as the task is cancelled: then nothing
    ///   changes, unless the change was being committed.
    public func reload() async throws -> ReloadReport {
        try await serially { try await self.reloadNow() }
    }

    /// Asks `source` for newer prices, and puts them into effect, here and in the other gateways.
    /// - Parameter interval: nothing is fetched if a gateway has looked within it, or no route is priced by the list;
    ///   nil fetches in any case.
    public func refreshPrices(
        from source: any PriceListSource, ifOlderThan interval: Duration?
    ) async throws -> PriceRefresh {
        let result = try await prices.refresh(from: source, ifOlderThan: interval)
        if case .updated = result { try await refresh(to: try await store.changeVersion()) }
        return result
    }

    /// Acts on a finding of the watch over the database. Returns at once: new providers and models are loaded by
    /// `followChanges`, since that reads files, while a revoked key and stale data must be refused in time.
    public nonisolated func follow(_ finding: ChangeWatch.Finding) async {
        readiness.record(.database, isFine: finding != .unreachable && finding != .stale)
        switch finding {
        case .unchanged, .unreachable: return
        case .changed(let version):
            await dataPlane.invalidateKeys()
            changing.yield(version)
        case .stale: break
        }
        readiness.record(.stale, isFine: finding != .stale)
        await dataPlane.setStale(finding == .stale)
    }

    /// Puts the changes that `follow` was told of into effect, until the task is cancelled. A change that cannot take
    /// effect is tried again; the previous state stays in effect meanwhile.
    /// - Parameter retryInterval: between two attempts.
    public nonisolated func followChanges(retryInterval: Duration = .seconds(1)) async {
        for await version in changes {
            var isLogged = false
            while !Task.isCancelled {
                do {
                    try await refresh(to: version)
                    break
                } catch {
                    if !isLogged, !Task.isCancelled {
                        logger.error(
                            "Could not apply the change; keeping the previous configuration.",
                            metadata: ["error": "\(OperatorMessage(error))"])
                    }
                    isLogged = true
                }
                try? await Task.sleep(for: retryInterval)  // reason: the interval of attempts; cancelling ends it
            }
        }
    }

    private func refresh(to version: ChangeVersion) async throws {
        try await serially { try await self.refreshNow(to: version) }
    }

    private func loadFirstNow() async throws {
        let state = try await currentState()
        for issue in state.routing.issues {
            logger.error("A stored entry cannot be read.", metadata: ["issue": "\(issue)"])
        }
        await install(state, try await prices.prices(for: state.routing))
        await dataPlane.setStale(false)
    }

    private func refreshNow(to version: ChangeVersion) async throws {
        guard installed != version.routing else { return }
        let state = try await currentState()
        // A gateway of a newer release may have written them: what is in effect is better than a part.
        guard state.routing.issues.isEmpty else { throw ConfigurationError(state.routing.issues) }
        await install(state, try await prices.prices(for: state.routing))
    }

    private func reloadNow() async throws -> ReloadReport {
        let (path, environment, listed) = (path, environment, await prices.index)
        let loaded = try await runBlocking {
            try GatewayConfiguration.load(path: path, environment: environment, prices: listed)
        }
        let (report, state) = try await FileSeeding.seed(loaded.configuration, into: store, refreshes: true)
        // It is committed; nothing can fail from here on.
        let before = file
        file = loaded.configuration
        await installCommitted(state)
        await dataPlane.invalidateKeys()
        return ReloadReport(
            configurationHash: file.hash, seeded: report, warnings: loaded.warnings + state.routing.issues,
            needRestart: file.settingsThatDiffer(from: before))
    }

    private func currentState() async throws -> StoredState {
        let file = file
        let references = try await runBlocking { file.references.rereadingFiles() }
        return try await store.read { try $0.state(file: file, references: references) }
    }

    /// What is committed takes effect although its prices cannot be written: attempts have no price then, and the
    /// ledger says so. It is tried again.
    private func installCommitted(_ state: StoredState) async {
        do {
            await install(state, try await prices.prices(for: state.routing))
        } catch {
            logger.error(
                "Could not write the prices of new routes; their attempts are unpriced until that succeeds.",
                metadata: ["error": "\(OperatorMessage(error))"])
            await install(state, await prices.lastPrices(for: state.routing))
            installed = nil
            changing.yield(ChangeVersion(any: state.version, routing: state.version))
        }
    }

    private func install(_ state: StoredState, _ prices: RoutePrices) async {
        let prepared = dataPlane.prepare(state.routing, prices: prices)
        await prepared.install()
        live.replace(prepared.snapshot)
        installed = state.version
        logUnavailable(state.routing.providers)
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
        let (previous, limit) = (tail, changeLimit)
        let task = Task {  // reason: an actor lets others in while it waits, and this work must not be overtaken
            // Its caller does not wait any longer than that.
            if let previous { _ = try await firstResult(of: previous, within: limit) }
            try Task.checkCancellation()
            return try await work()
        }
        tail = Task {  // reason: the place in the queue, whatever the result of the work
            // Also that of one which has given up waiting: those behind it wait for the one that hangs.
            await previous?.value
            _ = await task.result
        }
        do {
            return try await firstResult(of: task, within: limit).get()
        } catch is NoResult {
            giveUp(task)
            throw ChangeTimeout(limit: limit)
        } catch {
            // The caller was cancelled; else the task has ended, and this does nothing.
            task.cancel()
            throw error
        }
    }

    /// The caller does not wait for `task` any longer, and what it does is not certain until it ends.
    private func giveUp<Result: Sendable>(_ task: Task<Result, any Error>) {
        task.cancel()
        Task { [logger, changeLimit] in  // reason: it outlives its caller
            let outcome =
                switch await task.result {
                case .success: "it took effect"
                case .failure(is CancellationError), .failure(is NoResult): "nothing has changed"
                case .failure(let error): "nothing has changed: \(OperatorMessage(error))"
                }
            logger.warning(
                "A change of the configuration that took too long has ended.",
                metadata: ["limit": "\(changeLimit)", "outcome": "\(outcome)"])
        }
    }
}
