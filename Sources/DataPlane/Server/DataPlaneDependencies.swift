public import Accounting
public import GatewayCore
public import Logging
public import NIOCore
public import Routing
public import Telemetry

/// The services that the data plane uses and does not own.
public struct DataPlaneDependencies: Sendable {
    public var keySource: any KeySource
    public var responseSource: any StoredResponseSource
    /// The source of `/readyz`.
    public var readiness: Readiness
    /// The health of the routes, shared by all event loops.
    public var health: RouteHealthRegistry
    /// Decides before each attempt.
    public var admission: any AdmissionControl
    /// The destination of the requests' log lines.
    public var log: LogSink
    /// Creates the recorders besides the log, for each event loop.
    public var makeSinks: @Sendable (any EventLoop) -> [any ExchangeSink]
    /// Creates the journal of each event loop, on that loop; nil where nothing is charged.
    public var makeJournal: @Sendable (any EventLoop) -> JournalWriter?
    public var logger: Logger

    public init(
        keySource: any KeySource, responseSource: any StoredResponseSource, readiness: Readiness,
        health: RouteHealthRegistry, admission: any AdmissionControl = NoLimits(), log: LogSink,
        makeSinks: @escaping @Sendable (any EventLoop) -> [any ExchangeSink] = { _ in [] },
        makeJournal: @escaping @Sendable (any EventLoop) -> JournalWriter? = { _ in nil }, logger: Logger
    ) {
        self.keySource = keySource
        self.responseSource = responseSource
        self.readiness = readiness
        self.health = health
        self.admission = admission
        self.log = log
        self.makeSinks = makeSinks
        self.makeJournal = makeJournal
        self.logger = logger
    }
}
