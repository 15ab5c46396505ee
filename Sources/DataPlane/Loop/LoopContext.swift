import Egress
import GatewayCore
import NIOCore
import Routing

/// What one event loop works with: the current snapshot, its upstream connections, the keys that it knows, and who records its
/// requests. Belongs to its loop, so there are no locks.
final class LoopContext {
    /// How often deadlines are looked at: one timer for all connections costs less than one each.
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
    /// What is known is too old to decide by.
    var isStale = false
    var random = LoopRandom()
    /// What state machines have told to do; see `ExchangeDriver`.
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

    /// The last call: hands over everything, after which nothing may be asked of the context.
    func stop() {
        timer?.cancel()
        upstreams.closeAll()
        recorder.flush()
        keys.flushUses()
    }

    func replaceSnapshot(_ snapshot: DataPlaneSnapshot) {
        self.snapshot = snapshot
    }

    /// Connections without a request close now, the others after the one they have.
    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
    }

    /// Requests still in flight end now, and their callers are told.
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
