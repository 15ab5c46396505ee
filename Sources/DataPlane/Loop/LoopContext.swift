import Egress
import GatewayCore
import NIOCore
import Routing
import Telemetry

/// What one event loop works with: the current snapshot, its upstream connections, its cached keys, and what it has to hand
/// to slower places from time to time. Belongs to its loop, so there are no locks.
final class LoopContext {
    /// How often deadlines are looked at: one timer for all connections costs less than one each.
    private static let tick = TimeAmount.milliseconds(100)
    private static let ticksPerKeyUseFlush = 50
    /// Look-ups of a kind under way at once; more than this are told to come back.
    private static let maxLookups = 256

    typealias KeyAnswer = (Result<KeyRecord?, GatewayError>) -> Void

    let eventLoop: any EventLoop
    let settings: DataPlaneSettings
    let load: ServerLoad
    let readiness: Readiness
    let health: RouteHealthRegistry
    let upstreams: UpstreamPool
    private(set) var snapshot: DataPlaneSnapshot
    private(set) var isDraining = false
    /// What is known is too old to decide by.
    var isStale = false
    var random = LoopRandom()

    private let keySource: any KeySource
    private let responseSource: any StoredResponseSource
    private let recentResponses: RecentResponses
    private let sink: LogSink
    private var keys = KeyCache()
    /// Rises with each clearing, so that a look-up that began before one cannot bring back what it read.
    private var keyGeneration = 0
    private var lookups: [String: [KeyAnswer]] = [:]
    private var responseLookups = 0
    private var handlers: [ObjectIdentifier: GatewayHandler] = [:]
    private var lines = ByteBuffer()
    private var ticks = 0
    private var timer: RepeatedTask?

    init(
        eventLoop: any EventLoop, settings: DataPlaneSettings, snapshot: DataPlaneSnapshot, keySource: any KeySource,
        responseSource: any StoredResponseSource, recentResponses: RecentResponses, load: ServerLoad,
        readiness: Readiness, health: RouteHealthRegistry, sink: LogSink
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.snapshot = snapshot
        self.keySource = keySource
        self.responseSource = responseSource
        self.recentResponses = recentResponses
        self.load = load
        self.readiness = readiness
        self.health = health
        self.sink = sink
        upstreams = UpstreamPool(eventLoop: eventLoop)
    }

    // MARK: Life

    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in
            bound.value.onTick()
        }
    }

    /// The last thing: nothing may be asked of the context any more. Done when everything is handed over.
    func stop() -> EventLoopFuture<Void> {
        timer?.cancel()
        upstreams.closeAll()
        flushLines()
        return flushKeyUses(keys.takeUses())
    }

    func replaceSnapshot(_ snapshot: DataPlaneSnapshot) {
        self.snapshot = snapshot
    }

    /// Connections without a request close now, the others after the one they have.
    func drain() {
        isDraining = true
        for handler in handlers.values { handler.drain() }
    }

    /// Requests still in flight end now, and say so.
    func interrupt() {
        for handler in handlers.values { handler.interrupt() }
    }

    func add(_ handler: GatewayHandler) {
        handlers[ObjectIdentifier(handler)] = handler
        load.connect()
    }

    func remove(_ handler: GatewayHandler) {
        guard handlers.removeValue(forKey: ObjectIdentifier(handler)) != nil else { return }
        load.disconnect()
    }

    private func onTick() {
        let now = NIODeadline.now()
        for handler in handlers.values { handler.tick(now) }
        flushLines()
        ticks += 1
        guard ticks % Self.ticksPerKeyUseFlush == 0 else { return }
        upstreams.closeIdle(now: now)
        flushKeyUses(keys.takeUses())
    }

    // MARK: Keys

    /// What is known of a key without waiting.
    func cachedKey(_ publicID: String, now: Int64) -> KeyCache.Answer {
        keys.answer(for: publicID, now: now)
    }

    func recordUse(ofKey publicID: String, now: Int64) {
        keys.recordUse(of: publicID, now: now)
    }

    /// Asks the database for a key, once for all who wait for it; `answer` is called on this loop, later.
    func fetchKey(_ publicID: String, answer: @escaping KeyAnswer) {
        guard lookups[publicID] == nil else {
            lookups[publicID]?.append(answer)
            return
        }
        guard lookups.count < Self.maxLookups else {
            eventLoop.assumeIsolated().execute { answer(.failure(.overloaded)) }
            return
        }
        lookups[publicID] = [answer]
        let generation = keyGeneration
        let source = keySource
        eventLoop.makeFutureWithTask { try await source.find(publicID: publicID) }
            .assumeIsolated()
            .whenComplete { [self] result in
                let waiting = lookups.removeValue(forKey: publicID) ?? []
                guard generation == keyGeneration else {
                    // What was read may be what has just been changed, and some may have asked since then.
                    for answer in waiting { fetchKey(publicID, answer: answer) }
                    return
                }
                if case .success(let record) = result {
                    keys.insert(record, for: publicID, now: WallClock.now())
                }
                let outcome = result.mapError { GatewayError.storeUnreachable("\($0)") }
                for answer in waiting { answer(outcome) }
            }
    }

    /// Keys may have changed: every one is fetched anew when it is next used.
    func invalidateKeys() {
        keyGeneration += 1
        keys.clear()
    }

    @discardableResult private func flushKeyUses(_ uses: [String: Int64]) -> EventLoopFuture<Void> {
        guard !uses.isEmpty else { return eventLoop.makeSucceededVoidFuture() }
        let source = keySource
        // When a key was last used is a convenience: a database that is away costs it, and the watch has logged why.
        return eventLoop.makeFutureWithTask { try? await source.touch(uses) }
    }

    // MARK: Kept responses

    /// Whose a kept response is; `answer` is called on this loop, at once if it is known.
    func fetchResponse(_ id: String, answer: @escaping (Result<StoredResponse?, GatewayError>) -> Void) {
        if let known = recentResponses[id] { return answer(.success(known)) }
        guard responseLookups < Self.maxLookups else { return answer(.failure(.overloaded)) }
        responseLookups += 1
        let source = responseSource
        eventLoop.makeFutureWithTask { try await source.storedResponse(id: id) }
            .assumeIsolated()
            .whenComplete { [self] result in
                responseLookups -= 1
                answer(result.mapError { .storeUnreachable("\($0)") })
            }
    }

    /// Known here at once; a database that is away costs the other gateways the knowledge, and the watch has logged why.
    func remember(_ response: StoredResponse) {
        recentResponses.insert(response)
        let (source, recent) = (responseSource, recentResponses)
        _ = eventLoop.makeFutureWithTask {
            if (try? await source.remember(response)) == false { recent.remove(response) }
        }
    }

    // MARK: Records

    /// Writes the request's line of the log, soon.
    func record(_ exchange: Exchange) {
        RequestLine.append(exchange, format: settings.logFormat, to: &lines)
        if lines.readableBytes > 64 * 1024 { flushLines() }
    }

    private func flushLines() {
        guard lines.readableBytes > 0 else { return }
        sink.write(lines)
        lines = ByteBuffer()
    }
}
