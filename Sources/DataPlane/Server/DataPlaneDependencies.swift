public import GatewayCore
public import Logging
public import NIOCore
public import Routing
public import Telemetry

/// What the data plane works with and does not own.
public struct DataPlaneDependencies: Sendable {
    public var keySource: any KeySource
    public var responseSource: any StoredResponseSource
    /// What `/readyz` answers from.
    public var readiness: Readiness
    /// How the routes are, over all event loops.
    public var health: RouteHealthRegistry
    /// Asked before each attempt.
    public var admission: any AdmissionControl
    /// Where the log lines of requests go.
    public var log: LogSink
    /// Makes what records requests besides the log, once for each event loop.
    public var makeSinks: @Sendable (any EventLoop) -> [any ExchangeSink]
    public var logger: Logger

    public init(
        keySource: any KeySource, responseSource: any StoredResponseSource, readiness: Readiness,
        health: RouteHealthRegistry, admission: any AdmissionControl = NoLimits(), log: LogSink,
        makeSinks: @escaping @Sendable (any EventLoop) -> [any ExchangeSink] = { _ in [] }, logger: Logger
    ) {
        self.keySource = keySource
        self.responseSource = responseSource
        self.readiness = readiness
        self.health = health
        self.admission = admission
        self.log = log
        self.makeSinks = makeSinks
        self.logger = logger
    }
}
