import Accounting
import Egress
import GatewayCore
import Logging
import NIOCore
import Routing

/// The state of one event loop: the current snapshot, its upstream connections, its cached keys, and its recorders. It
/// belongs to its loop, so there are no locks.
final class LoopContext {
    /// How often deadlines are checked: one timer for all connections costs less than one each.
    private static let tick = TimeAmount.milliseconds(100)
    /// Room for a few of the largest heads.
    private static let minIncompleteHeadBytes = 256 * 1024
    /// Several at once, so that a full gateway does not look for one at each new connection.
    private static let closedAtOnce = 32
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
    private let maxIncompleteHeadBytes: Int
    let upstreams: UpstreamPool
    /// Nil if nothing is charged.
    let journal: JournalWriter?
    let logger: Logger
    private(set) var snapshot: DataPlaneSnapshot
    private(set) var isDraining = false
    /// Whether nothing is loaded yet, or what is loaded is too old to decide by.
    var isStale: Bool
    var random = LoopRandom()
    /// The actions of state machines; see `ExchangeDriver`.
    var actions: [ExchangeAction] = []

    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    /// The bytes of heads that are not complete, over the connections of this loop.
    private(set) var incompleteHeadBytes = 0
    private var ticks = 0
    private var timer: RepeatedTask?

    init(
        eventLoop: any EventLoop, settings: DataPlaneSettings, snapshot: DataPlaneSnapshot, load: ServerLoad,
        known: KnownKeys,
        dependencies: DataPlaneDependencies, writers: BackgroundWriters, loops: Int
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.snapshot = snapshot
        self.load = load
        readiness = dependencies.readiness
        isStale = !readiness.isLoaded
        health = dependencies.health
        admission = dependencies.admission
        keys = KeyLookup(source: dependencies.keySource, uses: writers.keyUses, known: known, load: load, on: eventLoop)
        storedResponses = StoredResponseLookup(
            source: dependencies.responseSource, writer: writers.storedResponses, on: eventLoop)
        recorder = ExchangeRecorder(
            [RequestLineSink(dependencies.log, format: settings.logFormat)] + dependencies.makeSinks(eventLoop))
        upstreams = UpstreamPool(eventLoop: eventLoop)
        journal = dependencies.makeJournal(eventLoop)
        maxIncompleteHeadBytes = max(settings.maxIncompleteHeadBytes / loops, Self.minIncompleteHeadBytes)
        logger = dependencies.logger
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

    // MARK: Room for connections

    /// Makes room for another connection, if necessary in the place of those that have been without a request for
    /// longest.
    /// - Returns: false if every connection is busy, or its client still reads an answer.
    func makeRoomForConnection() -> Bool {
        if load.hasRoomForConnection || closeOldestWaiting(atMost: Self.closedAtOnce) > 0 { return true }
        // Connections of other loops may wait: those close them at their next tick.
        return load.canExceedConnections
    }

    /// Counts the bytes of a head that has not come to its end. Heads are bounded one by one and all together; beyond
    /// that the oldest ones go.
    func addIncompleteHead(_ bytes: Int) {
        incompleteHeadBytes += bytes
        guard incompleteHeadBytes > maxIncompleteHeadBytes else { return }
        _ = closeOldestWaiting(atMost: Self.closedAtOnce, where: { $0.headBytes > 0 })
    }

    func removeIncompleteHead(_ bytes: Int) {
        incompleteHeadBytes -= bytes
    }

    /// Closes connections without a request, the oldest first.
    private func closeOldestWaiting(atMost count: Int, where isMeant: (ClientConnection) -> Bool = { _ in true }) -> Int
    {
        let now = NIODeadline.now()
        let waiting = connections.values
            .filter(isMeant)
            .compactMap { connection in connection.mayGiveWay(now).map { (since: $0, connection: connection) } }
            .sorted { $0.since < $1.since }
        for (_, connection) in waiting.prefix(count) { connection.giveWay() }
        return min(count, waiting.count)
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
        if load.exceedsConnections { _ = closeOldestWaiting(atMost: Self.closedAtOnce) }
        recorder.flush()
        ticks += 1
        guard ticks % Self.ticksPerCleanUp == 0 else { return }
        upstreams.closeIdle(now: now)
        keys.flushUses()
    }
}
