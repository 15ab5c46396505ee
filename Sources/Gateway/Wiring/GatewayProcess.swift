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

/// `gateway serve`: opens, seeds, wires and runs.
enum GatewayProcess {
    static func run(_ configuration: GatewayConfiguration, sink: LogSink, logger: Logger) async throws {
        let opened = try await OpenedDatabase.open(configuration.database)
        logger.notice(
            "Database ready.",
            metadata: [
                "database": "\(opened.database.location)", "migrated": "\(opened.applied.joined(separator: ", "))",
            ])
        try await seed(configuration.auth.seedAPIKeys, into: opened.keys, logger: logger)
        try await serve(configuration, keys: opened.keys, sink: sink, logger: logger)
        try await opened.database.close()
        logger.notice("Stopped.")
    }

    private static func seed(_ seeds: [SeedAPIKey], into keys: KeyStore, logger: Logger) async throws {
        guard !seeds.isEmpty else { return }
        let outcome = try await KeySeeder.seed(try seeds.map(SeedKey.init), into: keys)
        logger.notice(
            "Seeded API keys.",
            metadata: [
                "created": "\(outcome.created)", "replaced": "\(outcome.replaced)", "updated": "\(outcome.updated)",
                "unchanged": "\(outcome.unchanged.count)",
            ])
        if !outcome.stillRevoked.isEmpty {
            logger.warning(
                "Seeded keys that were revoked stay so; give them new values.",
                metadata: ["keys": "\(outcome.stillRevoked)"])
        }
        if !outcome.unlisted.isEmpty {
            logger.warning(
                "Keys that the file once listed are still valid; revoke them if that is not meant.",
                metadata: ["keys": "\(outcome.unlisted)"])
        }
    }

    private static func serve(
        _ configuration: GatewayConfiguration, keys: KeyStore, sink: LogSink, logger: Logger
    ) async throws {
        let readiness = Readiness()
        let settings = try DataPlaneSettings(configuration, format: sink.format)
        let dataPlane = DataPlaneServer(
            settings: settings, snapshot: try snapshot(of: configuration), keySource: keys, readiness: readiness,
            sink: sink, logger: logger
        ) { address in
            logger.notice("Listening.", metadata: ["address": "\(address)"])
        }
        let watch = ChangeWatch(source: keys, logger: logger) { finding in
            readiness.note(.database, isFine: finding != .unreachable)
            if finding == .changed { await dataPlane.forgetKeys() }
        }
        let control = try ControlServer(path: configuration.server.controlSocket, logger: logger) { request in
            try await ControlCommands.handle(request, keys: keys, dataPlane: dataPlane)
        }
        // Services stop in the opposite order: the front door first, while what it needs still works.
        var group = ServiceGroupConfiguration(
            services: [.init(service: watch), .init(service: control), .init(service: dataPlane)],
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

extension SeedKey {
    fileprivate init(_ seed: SeedAPIKey) throws {
        guard let token = APIKeyToken(seed.value.reveal()) else {
            throw CommandFailure(
                .configuration, "The value of the seed key \(seed.name) is not of the form gwk_<public id>.<secret>.")
        }
        self.init(name: seed.name, token: token, grant: seed.allowedModels, owner: seed.owner)
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
