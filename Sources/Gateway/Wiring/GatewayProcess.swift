import ControlSocket
import DataPlane
import Database
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
        _ configuration: GatewayConfiguration, steps: StartupSteps, sink: LogSink, logger: Logger
    ) async throws {
        let opened = try ConfiguredDatabase(configuration.database)
        let startup = Startup(opened: opened, seed: Seed(configuration), steps: steps, logger: logger)
        // Before anything listens, so that what no waiting mends ends the start.
        let obstacle = try await startup.attempt()
        try await serve(configuration, startup: startup, obstacle: obstacle, sink: sink, logger: logger)
        try await opened.database.close()
        logger.notice("Stopped.")
    }

    private static func serve(
        _ configuration: GatewayConfiguration, startup: Startup, obstacle: Startup.Obstacle?, sink: LogSink,
        logger: Logger
    ) async throws {
        let store = startup.opened.store
        let readiness = Readiness(isLoaded: obstacle == nil)
        let settings = try DataPlaneSettings(configuration, format: sink.format)
        let dataPlane = DataPlaneServer(
            settings: settings, snapshot: try snapshot(of: configuration), keySource: store, readiness: readiness,
            sink: sink, logger: logger
        ) { address in
            logger.notice("Listening.", metadata: ["address": "\(address)"])
        }
        let watch = ChangeWatch(source: store, logger: logger) { finding in
            readiness.note(.database, isFine: finding != .unreachable)
            if finding == .changed { await dataPlane.forgetKeys() }
        }
        let keeper = StoreService(
            startup: startup, obstacle: obstacle, watch: watch, readiness: readiness, logger: logger)
        let control = try ControlServer(path: configuration.server.controlSocket, logger: logger) { request in
            try await ControlCommands.handle(request, keys: store.keys, dataPlane: dataPlane)
        }
        // Services stop in the opposite order: the front door first, while what it needs still works.
        var group = ServiceGroupConfiguration(
            services: [.init(service: keeper), .init(service: control), .init(service: dataPlane)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = settings.shutdownDelay + settings.shutdownGrace + .seconds(10)
        try await ServiceGroup(configuration: group).run()
    }

    private static func snapshot(of configuration: GatewayConfiguration) throws -> DataPlaneSnapshot {
        DataPlaneSnapshot(
            routing: RoutingSnapshot(
                models: ModelCatalog(configuration.models), loadedAt: WallClock.now() / 1_000_000),
            providers: try ProviderFactory.providers(configuration.providers))
    }
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

extension DataPlaneSettings {
    fileprivate init(_ configuration: GatewayConfiguration, format: LogFormat) throws {
        self.init()
        let server = configuration.server
        requestDeadline = .milliseconds(Int64(configuration.routing.deadlineMilliseconds))
        tls = try server.tls.map(ServerTLS.init)
        host = server.bind.host
        port = server.bind.port
        mostRequestBodyBytes = server.maxRequestBodyBytes
        mostConcurrentRequests = server.maxConcurrentRequests
        mostBufferedBodyBytes = server.maxBufferedBodyBytes
        shutdownDelay = .seconds(server.shutdownDelaySeconds)
        shutdownGrace = .seconds(server.shutdownGraceSeconds)
        logFormat = format
    }
}
