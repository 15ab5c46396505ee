import Accounting
import ControlSocket
import DataPlane
import Database
import Egress
import Foundation
import GatewayConfig
import GatewayCore
import Logging
import NIOCore
import Operations
import Routing
import ServiceLifecycle
import Store
import Telemetry
import UnixSignals

/// `gateway serve`: opens, wires and runs.
struct GatewayProcess {
    let configuration: GatewayConfiguration
    /// The file of the configuration.
    let path: String
    let steps: StartupSteps
    let sink: LogSink
    let logger: Logger

    func run() async throws {
        let opened = try ConfiguredDatabase(configuration.database, clock: WallClock.now)
        let (readiness, live) = (Readiness(isLoaded: false), LiveRouting())
        let settings = try DataPlaneSettings(configuration, format: sink.format)
        if settings.maxConnections < configuration.server.maxConnections {
            logger.warning(
                "The limit of open files allows fewer connections than server.max_connections. Raise it (ulimit -n, LimitNOFILE).",
                metadata: [
                    "connections": "\(settings.maxConnections)",
                    "server.max_connections": "\(configuration.server.maxConnections)",
                ])
        }
        let health = RouteHealthRegistry(policy: RouteHealth.Policy(configuration.routing.cooldown))
        let id = newReplicaID()
        // This, the control socket and the public address are taken before the database is changed: a second gateway by
        // mistake must not disturb the first.
        let journal = try Journal(JournalSettings(configuration.accounting.journal, replicaID: id), logger: logger)
        let dataPlane = dataPlane(settings, opened.store, readiness, health, journal, replicaID: id)
        let controls = DataPlaneControls(
            server: dataPlane, startedAt: WallClock.now() / 1_000_000, egress: configuration.egress)
        let service = ConfigurationService(
            file: configuration, path: path, environment: ProcessInfo.processInfo.environment, store: opened.store,
            prices: PriceService(opened.store, logger: logger), dataPlane: controls, live: live, readiness: readiness,
            logger: logger)
        let supervisor = supervisor(opened, service, readiness, journal, replicaID: id)
        let clients = HTTPClients(configuration.egress)
        let priceSource = HTTPPriceList(configuration.accounting.catalog, clients: clients)
        let commands = ControlCommands(
            configuration: service, keys: KeyService(opened.store, dataPlane: controls),
            explain: ExplainService(
                opened.store, routing: { live.current }, health: { health.health(of: $0) }, clock: WallClock.now),
            priceSource: priceSource)
        let control = try ControlServer(
            path: configuration.server.controlSocket,
            deadline: .seconds(configuration.accounting.catalog.timeoutSeconds + 30), logger: logger,
            handler: commands.handle)
        try await dataPlane.listen()
        // Services stop in the opposite order: the public listener first, while what it needs still works.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: JournalApplier(journal, writer: StoredLedger(opened.store), logger: logger)),
                .init(service: JournalMonitor(journal, readiness: readiness, logger: logger)),
                .init(
                    service: PriceRefresher(
                        service, source: priceSource,
                        interval: .seconds(60 * configuration.accounting.catalog.refreshMinutes),
                        readiness: readiness, close: clients.shutdown, logger: logger)),
                .init(service: supervisor), .init(service: ReloadOnHangUp(configuration: service, logger: logger)),
                .init(service: control), .init(service: dataPlane),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = settings.shutdownDelay + settings.shutdownGrace + .seconds(10)
        try await ServiceGroup(configuration: group).run()
        try await opened.database.close()
        logger.notice("Stopped.")
    }

    private func dataPlane(
        _ settings: DataPlaneSettings, _ store: GatewayStore, _ readiness: Readiness, _ health: RouteHealthRegistry,
        _ journal: Journal, replicaID: String
    ) -> DataPlaneServer {
        var settings = settings
        settings.replicaID = replicaID
        let dependencies = DataPlaneDependencies(
            keySource: store, responseSource: store.responses, readiness: readiness, health: health, log: sink,
            makeJournal: { journal.makeWriter(on: $0) }, logger: logger)
        return DataPlaneServer(settings: settings, snapshot: .empty, dependencies: dependencies) { [logger] address in
            logger.notice("Listening.", metadata: ["address": "\(address)"])
        }
    }

    private func supervisor(
        _ opened: ConfiguredDatabase, _ service: ConfigurationService, _ readiness: Readiness, _ journal: Journal,
        replicaID id: String
    ) -> DatabaseSupervisor {
        let startup = DatabaseStartup(
            opened: opened, file: configuration, steps: steps, clock: WallClock.now, logger: logger)
        let watch = ChangeWatch(
            source: opened.store, maxStaleness: .seconds(configuration.auth.maxStalenessSeconds),
            announcements: opened.database.announcements(of: .change), logger: logger,
            describe: { "\(OperatorMessage($0))" }, report: service.follow)
        let replica = ReplicaService(
            opened.store, describe: { .thisProcess(id: id, configurationHash: await service.configurationHash) },
            isDraining: { readiness.isDraining }, logger: logger)
        return DatabaseSupervisor(
            startup: startup, configuration: service, watch: watch, replica: replica,
            readiness: readiness,
            databaseIsReady: { [store = opened.store] in
                let databaseID = try await store.read { try $0.databaseID() }
                try await runBlocking { try journal.start(databaseID: databaseID) }
            }, logger: logger)
    }
}

extension JournalSettings {
    fileprivate init(_ configuration: JournalConfiguration, replicaID: String) {
        let sync: Sync =
            switch configuration.sync {
            case .group: .group
            case .each: .each
            case .off: .off
            }
        self.init(
            path: configuration.path, maxBytes: configuration.maxBytes, sync: sync, replicaID: replicaID,
            loops: System.coreCount, clock: WallClock.now)
    }
}

/// Each start makes a new one.
private func newReplicaID() -> String {
    var random = SystemRandomNumberGenerator()
    return UUIDv7.make(milliseconds: UInt64(WallClock.now() / 1000), using: &random)
}

extension ReplicaDescription {
    fileprivate static func thisProcess(id: String, configurationHash: String) -> ReplicaDescription {
        let process = ProcessInfo.processInfo
        return ReplicaDescription(
            id: id, host: process.hostName, processID: Int64(process.processIdentifier),
            gatewayVersion: GatewayVersion.current, configurationHash: configurationHash)
    }
}

extension ServerTLS {
    fileprivate init(_ configuration: ServerTLSConfiguration) throws {
        do {
            try self.init(certificate: configuration.certificate, privateKey: configuration.privateKey)
        } catch {
            throw CommandFailure(.configuration, "server.tls: the certificate and key cannot be used: \(error)")
        }
    }
}

extension RouteHealth.Policy {
    fileprivate init(_ cooldown: CooldownConfiguration) {
        self.init(failures: cooldown.failures, cooldown: Int64(cooldown.seconds * 1_000_000))
    }
}

extension DataPlaneSettings {
    fileprivate init(_ configuration: GatewayConfiguration, format: LogFormat) throws {
        self.init()
        let server = configuration.server
        requestDeadline = .milliseconds(Int64(configuration.routing.deadlineMilliseconds))
        attempts = AttemptSequence.Limits(
            maxAttempts: configuration.routing.maxAttempts,
            maxWait: Int(configuration.routing.maxRetryAfterSeconds * 1000))
        repeatsAfterTimeout = configuration.routing.retryAfterTimeout
        tls = try server.tls.map(ServerTLS.init)
        host = server.bind.host
        port = server.bind.port
        maxConnections = FileLimit.connections(server.maxConnections, besides: server.maxConcurrentRequests)
        wholeBodyTimeout = .milliseconds(Int64(server.bodyTimeoutSeconds * 1000))
        crossOrigin = CrossOriginPolicy(server.corsOrigins)
        maxRequestBodyBytes = server.maxRequestBodyBytes
        maxConcurrentRequests = server.maxConcurrentRequests
        maxBufferedBodyBytes = server.maxBufferedBodyBytes
        shutdownDelay = .seconds(server.shutdownDelaySeconds)
        shutdownGrace = .seconds(server.shutdownGraceSeconds)
        defaultOutputHoldTokens = Int64(configuration.accounting.defaultOutputHoldTokens)
        logFormat = format
    }
}
