import DataPlane
import Egress
import Foundation
import GatewayCore
import GatewayTestSupport
import Logging
import NIOCore
import Providers
import Routing
import ServiceLifecycle
import Telemetry

/// The configuration of a gateway under test.
struct GatewaySetup: Sendable {
    var settings = DataPlaneSettings()
    var models: [Model]
    var providers: [any Provider]
    let keys = FakeKeySource()
    let responses = FakeResponseSource()
    let readiness = Readiness(isLoaded: true)
    let health = RouteHealthRegistry(policy: RouteHealth.Policy(failures: 5, cooldown: 30_000_000))
    var admission: any AdmissionControl = NoLimits()
    var makeSinks: @Sendable (any EventLoop) -> [any ExchangeSink] = { _ in [] }
    var sink = LogSink.discarding

    /// The credential that only the upstream may get.
    static let credential = "upstream-credential-5e3f"

    /// A gateway with the model `m`, which is `up-model` at an upstream of that port.
    init(
        upstreamPort: Int, timeouts: ProviderTimeouts = ProviderTimeouts(),
        settings change: (inout DataPlaneSettings) -> Void = { _ in }
    ) {
        models = [
            Model(id: "m", rank: 1, target: .routes([Route(id: "m/1", provider: "fake", upstreamModel: "up-model")])),
            Model(id: "vendor/second", rank: 2, target: .alias(of: "m")),
        ]
        providers = [Self.provider("fake", port: upstreamPort, timeouts: timeouts)]
        settings.host = "127.0.0.1"
        settings.port = 0
        settings.shutdownDelay = .zero
        // Most tests are about one attempt.
        settings.attempts = AttemptSequence.Limits(maxAttempts: 1)
        change(&settings)
    }

    init(
        _ upstream: FakeUpstream, timeouts: ProviderTimeouts = ProviderTimeouts(),
        settings change: (inout DataPlaneSettings) -> Void = { _ in }
    ) {
        self.init(upstreamPort: upstream.port, timeouts: timeouts, settings: change)
    }

    static func provider(
        _ id: String, port: Int, authentication: OpenAICompatibleProvider.Authentication = .bearer(Secret(credential)),
        timeouts: ProviderTimeouts = ProviderTimeouts()
    ) -> OpenAICompatibleProvider {
        OpenAICompatibleProvider(
            id: id, origin: UpstreamOrigin(host: "127.0.0.1", port: port, tls: nil), pathPrefix: "/v1",
            authentication: authentication, timeouts: timeouts)
    }
}

/// A running gateway.
struct RunningGateway: Sendable {
    let port: Int
    let server: DataPlaneServer
    let keys: FakeKeySource
    let readiness: Readiness
    /// Opens when the gateway has ended.
    let stopped: Gate
    fileprivate let group: ServiceGroup

    /// Asks for a graceful stop.
    func stop() async {
        await group.triggerGracefulShutdown()
    }

    /// Sends one request on a new connection.
    func answer(to request: String, within timeout: Duration = .seconds(10)) async throws -> HTTPMessage {
        try await withRawClient(port: port) { client in
            try await client.send(request)
            return try await client.response(within: timeout)
        }
    }
}

/// Runs `body` with a running gateway, and ends it afterwards without waiting for clients.
@discardableResult
func withGateway<Result: Sendable>(
    _ setup: GatewaySetup, _ body: (RunningGateway) async throws -> Result
) async throws -> Result {
    let listening = Watched<Int?>(nil)
    let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let snapshot = DataPlaneSnapshot(
        models: ModelCatalog(setup.models), providers: setup.providers, loadedAt: 1_700_000_000)
    let server = DataPlaneServer(
        settings: setup.settings, snapshot: snapshot,
        dependencies: DataPlaneDependencies(
            keySource: setup.keys, responseSource: setup.responses, readiness: setup.readiness, health: setup.health,
            admission: setup.admission, log: setup.sink, makeSinks: setup.makeSinks, logger: silent)
    ) { address in
        listening.update { $0 = address.port }
    }
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)], logger: silent))
    let stopped = Gate()
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { stopped.open() }
            try await group.run()
        }
        let result: Swift.Result<Result, any Error>
        do {
            let port = try await listening.wait(for: "listening gateway", within: .seconds(10)) { $0 }
            result = .success(
                try await body(
                    RunningGateway(
                        port: port, server: server, keys: setup.keys, readiness: setup.readiness, stopped: stopped,
                        group: group)))
        } catch {
            result = .failure(error)
        }
        tasks.cancelAll()
        return try result.get()
    }
}

extension LogSink {
    /// For tests that do not read the log.
    fileprivate static let discarding = LogSink(format: .json, descriptor: open("/dev/null", O_WRONLY))
}
