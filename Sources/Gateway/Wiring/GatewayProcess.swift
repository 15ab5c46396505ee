import ControlSocket
import DataPlane
import Database
import Foundation
import GatewayConfig
import GatewayCore
import Logging
import NIOCore
import Provisioning
import Routing
import ServiceLifecycle
import Store
import Telemetry
import UnixSignals

/// `gateway serve`: opens, wires and runs.
enum GatewayProcess {
    static func run(
        _ configuration: GatewayConfiguration, path: String, steps: StartupSteps, sink: LogSink, logger: Logger
    ) async throws {
        let opened = try ConfiguredDatabase(configuration.database)
        let startup = Startup(
            opened: opened, seed: Seed(configuration),
            bootstrapAdmin: BootstrapAdmin(configuration.auth.bootstrapAdmin), steps: steps, logger: logger)
        let readiness = Readiness(isLoaded: false)
        let settings = try DataPlaneSettings(configuration, format: sink.format)
        let health = RouteHealthRegistry(policy: RouteHealth.Policy(configuration.routing.cooldown))
        let dataPlane = DataPlaneServer(
            settings: settings, snapshot: .empty,
            dependencies: DataPlaneDependencies(
                keySource: opened.store, responseSource: opened.store.responses, readiness: readiness, health: health,
                log: sink,
                logger: logger)
        ) { address in
            logger.notice("Listening.", metadata: ["address": "\(address)"])
        }
        let runtime = GatewayRuntime(
            file: configuration, path: path, environment: ProcessInfo.processInfo.environment, store: opened.store,
            dataPlane: dataPlane, logger: logger)
        // Before anything listens, so that an error that waiting does not fix ends the start.
        let blocker = try await startup.attempt()
        if blocker == nil { try await runtime.refresh() }
        let parts = Parts(
            startup: startup, blocker: blocker, dataPlane: dataPlane, runtime: runtime, readiness: readiness,
            logger: logger)
        try await serve(parts, configuration, settings)
        try await opened.database.close()
        logger.notice("Stopped.")
    }

    private struct Parts {
        let startup: Startup
        let blocker: Startup.StartupBlocker?
        let dataPlane: DataPlaneServer
        let runtime: GatewayRuntime
        let readiness: Readiness
        let logger: Logger

        /// Reports the findings of the watch to every part that they concern.
        func record(_ finding: ChangeWatch.Finding) async throws {
            readiness.record(.database, isFine: finding != .unreachable && finding != .stale)
            switch finding {
            case .unchanged, .unreachable: return
            case .changed(let version):
                await dataPlane.invalidateKeys()
                try await runtime.refresh(to: version)
            case .stale: break
            }
            readiness.record(.stale, isFine: finding != .stale)
            await dataPlane.setStale(finding == .stale)
        }
    }

    private static func serve(
        _ parts: Parts, _ configuration: GatewayConfiguration, _ settings: DataPlaneSettings
    ) async throws {
        let (store, logger) = (parts.startup.opened.store, parts.logger)
        let watch = ChangeWatch(
            source: store, maxStaleness: .seconds(configuration.auth.maxStalenessSeconds),
            announcements: parts.startup.opened.database.announcements(of: .change), logger: logger,
            describe: { "\(OperatorMessage($0))" }
        ) { try await parts.record($0) }
        let heartbeat = Heartbeat(
            replicas: store.replicas, runtime: parts.runtime, readiness: parts.readiness, logger: logger,
            id: newReplicaID())
        let keeper = DatabaseSupervisor(
            startup: parts.startup, blocker: parts.blocker, watch: watch, runtime: parts.runtime,
            heartbeat: heartbeat, readiness: parts.readiness, logger: logger)
        let control = try ControlServer(
            path: configuration.server.controlSocket, deadline: .seconds(30), logger: logger
        ) { request in
            try await ControlCommands.handle(
                request, store: store, dataPlane: parts.dataPlane, runtime: parts.runtime)
        }
        // Services stop in the opposite order: the public listener first, while what it needs still works.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: keeper), .init(service: ReloadOnHangUp(runtime: parts.runtime, logger: logger)),
                .init(service: control), .init(service: parts.dataPlane),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = settings.shutdownDelay + settings.shutdownGrace + .seconds(10)
        try await ServiceGroup(configuration: group).run()
    }
}

/// Each start makes a new one.
private func newReplicaID() -> String {
    var random = SystemRandomNumberGenerator()
    return UUIDv7.make(milliseconds: UInt64(WallClock.now() / 1000), using: &random)
}

extension ServerTLS {
    fileprivate init(_ configuration: ServerTLSConfiguration) throws {
        do {
            try self.init(
                certificatePath: configuration.certificatePath, privateKeyPath: configuration.privateKeyPath)
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
        maxRequestBodyBytes = server.maxRequestBodyBytes
        maxConcurrentRequests = server.maxConcurrentRequests
        maxBufferedBodyBytes = server.maxBufferedBodyBytes
        shutdownDelay = .seconds(server.shutdownDelaySeconds)
        shutdownGrace = .seconds(server.shutdownGraceSeconds)
        logFormat = format
    }
}
