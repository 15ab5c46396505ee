import Egress
import GatewayCore
import NIOCore
import Routing

/// The state of one event loop: the current snapshot, its upstream connections, its cached keys, and its recorders. It
/// belongs to its loop, so there are no locks.
final class LoopContext {
    /// How often deadlines are checked: one timer for all connections costs less than one each.
    private static let tick = TimeAmount.milliseconds(100)
    /// Every five seconds.
    private static let ticksPerCleanUp = 50

    let eventLoop: any EventLoop
    let settings: DataPlaneSettings
    let load: ServerLoad
    let readiness: Readiness
    let health: RouteHealthRegistry
    let admission: any AdmissionControl
    let keys: KeyLookup
    let storedResponses: StoredResponseLookup
    let recorder: ExchangeRecorder
    let upstreams: UpstreamPool
    private(set) var snapshot: DataPlaneSnapshot
    private(set) var isDraining = false
    /// Whether nothing is loaded yet, or what is loaded is too old to decide by.
    var isStale: Bool
    var random = LoopRandom()
    /// The actions of state machines; see `ExchangeDriver`.
    var actions: [ExchangeAction] = []

    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var ticks = 0
    private var timer: RepeatedTask?

    init(
        eventLoop: any EventLoop, settings: DataPlaneSettings, snapshot: DataPlaneSnapshot, load: ServerLoad,
        dependencies: DataPlaneDependencies, writers: BackgroundWriters
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.snapshot = snapshot
        self.load = load
        readiness = dependencies.readiness
        isStale = !readiness.isLoaded
        health = dependencies.health
        admission = dependencies.admission
        keys = KeyLookup(source: dependencies.keySource, uses: writers.keyUses, on: eventLoop)
        storedResponses = StoredResponseLookup(
            source: dependencies.responseSource, writer: writers.storedResponses, on: eventLoop)
        recorder = ExchangeRecorder(
            [RequestLineSink(dependencies.log, format: settings.logFormat)] + dependencies.makeSinks(eventLoop))
        upstreams = UpstreamPool(eventLoop: eventLoop)
    }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
            bound.value.onTick()
        }
    }

    /// The last call: flushes everything. The context must not be used afterwards.
    func stop() {
        timer?.cancel()
        upstreams.closeAll()
        recorder.flush()
        keys.flushUses()
    }

    func replaceSnapshot(_ snapshot: DataPlaneSnapshot) {
        self.snapshot = snapshot
    }

    /// Closes connections without a request now, the others after their request.
    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
    }

    /// Ends running requests now, with an error.
    func interrupt() {
        for connection in connections.values { connection.interrupt() }
    }

    func add(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = connection
        load.connect()
    }

    func remove(_ connection: ClientConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        load.disconnect()
    }

    private func onTick() {
        let now = NIODeadline.now()
        for connection in connections.values { connection.tick(now) }
        recorder.flush()
        ticks += 1
        guard ticks % Self.ticksPerCleanUp == 0 else { return }
        upstreams.closeIdle(now: now)
        keys.flushUses()
    }
}
