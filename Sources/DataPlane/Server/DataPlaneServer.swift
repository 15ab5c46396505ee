import Glibc
import Listening
import Logging
public import NIOCore
import NIOHTTP1
import NIOPosix
import Routing
public import ServiceLifecycle
import Synchronization
import Telemetry

/// The only public listener: HTTP/1.1 over all event loops, as a service that drains before it ends.
public final class DataPlaneServer: Service {
    private let settings: DataPlaneSettings
    private let dependencies: DataPlaneDependencies
    private let group = MultiThreadedEventLoopGroup.singleton
    private let knownKeys = KnownKeys()
    private let loops = Mutex<[NIOLoopBound<LoopContext>]>([])
    private let writers: BackgroundWriters
    private let load: ServerLoad
    private let listener = Mutex<(any Channel)?>(nil)
    /// What loops begin with that are made from now on.
    private let snapshot: Mutex<DataPlaneSnapshot>
    private let onListening: @Sendable (SocketAddress) -> Void

    /// - Parameter onListening: told the address once connections are accepted.
    public init(
        settings: DataPlaneSettings, snapshot: DataPlaneSnapshot, dependencies: DataPlaneDependencies,
        onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) {
        self.settings = settings
        self.dependencies = dependencies
        self.onListening = onListening
        self.snapshot = Mutex(snapshot)
        writers = BackgroundWriters(dependencies)
        load = ServerLoad(settings)
    }

    /// Every loop fetches keys again: something about them has changed.
    ///
    /// When this returns, no loop uses what it knew before.
    public func invalidateKeys() async {
        knownKeys.invalidate()
        await onEveryLoop { $0.keys.invalidate() }
    }

    /// Every request that begins from now on is decided by `snapshot`; those under way keep the one they began with.
    public func replaceSnapshot(_ snapshot: DataPlaneSnapshot) async {
        self.snapshot.withLock { $0 = snapshot }
        await onEveryLoop { $0.replaceSnapshot(snapshot) }
    }

    /// Whether what the gateway knows is too old to decide by. New requests are refused while it is.
    public func setStale(_ isStale: Bool) async {
        await onEveryLoop { $0.isStale = isStale }
    }

    /// Accepts connections from now on; `run` follows, or `run` alone does both.
    ///
    /// Requests are refused as long as the readiness says that nothing is loaded.
    /// - Throws: `BindFailure` if the address cannot be listened on.
    public func listen() async throws {
        guard listener.withLock({ $0 == nil }) else { return }
        var contexts: [NIOLoopBound<LoopContext>] = []
        let eventLoops = Array(group.makeIterator())
        for eventLoop in eventLoops { contexts.append(try await makeContext(on: eventLoop, of: eventLoops.count)) }
        loops.withLock { $0 = contexts }
        let channel = try await bind(contexts)
        listener.withLock { $0 = channel }
        if let address = channel.localAddress { onListening(address) }
    }

    /// Serves until a graceful shutdown is asked for, and then until requests in flight are done or their time is over.
    /// - Throws: `BindFailure` if the address cannot be listened on.
    public func run() async throws {
        try await writers.run {
            try await listen()
            try? await gracefulShutdown()
            await drain()
            await onEveryLoop { $0.stop() }
        }
    }

    private func makeContext(
        on eventLoop: any EventLoop, of loops: Int
    ) async throws -> NIOLoopBound<LoopContext> {
        try await eventLoop.submit { [self] in
            let context = LoopContext(
                eventLoop: eventLoop, settings: settings, snapshot: snapshot.withLock(\.self), load: load,
                known: knownKeys, dependencies: dependencies, writers: writers, loops: loops)
            context.start()
            return NIOLoopBound(context, eventLoop: eventLoop)
        }.get()
    }

    private func bind(_ contexts: [NIOLoopBound<LoopContext>]) async throws -> any Channel {
        do {
            return try await bootstrap(contexts).bind(host: settings.host, port: settings.port).get()
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw BindFailure(address: "\(settings.host):\(settings.port)", reason: reason)
        }
    }

    private func bootstrap(_ contexts: [NIOLoopBound<LoopContext>]) -> ServerBootstrap {
        let byLoop = Dictionary(
            contexts.map { (ObjectIdentifier($0.eventLoop), $0) }, uniquingKeysWith: { first, _ in first })
        let limits = NIOHTTPDecoderLimitConfiguration.gateway
        let tls = settings.tls
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { [dependencies] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptGate(listener: "public", logger: dependencies.logger))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.unsentLowWater, value: 128 * 1024)
            // A client may end its side after its request, and still read the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = byLoop[ObjectIdentifier(channel.eventLoop)]?.value else {
                        throw ChannelError.operationUnsupported
                    }
                    // What the initializer throws closes the new connection.
                    guard loop.makeRoomForConnection() else { throw NoRoomForConnection() }
                    let connection = ClientConnection(loop: loop)
                    if let tls { try channel.pipeline.syncOperations.addHandler(tls.makeHandler()) }
                    try channel.pipeline.syncOperations.addHandlers([
                        FirstBytesHandler(connection: connection),
                        HTTPResponseEncoder(),
                        ByteToMessageHandler(
                            HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits),
                            maximumBufferSize: 128 * 1024),
                        HTTPServerPipelineHandler(),
                        connection,
                    ])
                }
            }
    }

    // MARK: Stopping

    private func drain() async {
        dependencies.readiness.beginDraining()
        dependencies.logger.notice(
            "Draining: still serving for load balancers to notice.", metadata: ["for": "\(settings.shutdownDelay)"])
        await pause(settings.shutdownDelay)
        try? await listener.withLock(\.self)?.close().get()  // It can only be closed already.
        await onEveryLoop { $0.drain() }
        if await connectionsEnd(within: settings.shutdownGrace) { return }
        dependencies.logger.warning("The shutdown grace is over; requests in flight are ended.")
        await onEveryLoop { $0.interrupt() }
        _ = await connectionsEnd(within: .seconds(3))
    }

    private func connectionsEnd(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while load.hasConnections, ContinuousClock.now < end, !Task.isCancelled { await pause(.milliseconds(20)) }
        return !load.hasConnections
    }

    private func pause(_ time: Duration) async {
        try? await Task.sleep(for: time)  // reason: a stop takes the time that the settings give
    }

    private func onEveryLoop(_ work: @escaping @Sendable (LoopContext) -> Void) async {
        for loop in loops.withLock({ $0 }) {
            // Submitting can only fail when the loops are gone, and then there is nothing left to tell.
            try? await loop.eventLoop.submit { work(loop.value) }.get()
        }
    }
}

/// Every connection that there may be is busy with a request.
private struct NoRoomForConnection: Error {}

extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
    /// `TCP_NOTSENT_LOWAT` (Linux `tcp(7)`): the kernel takes no more than this of what a slow client does not read, so
    /// that its upstream is slowed soon, and memory stays bounded.
    fileprivate static var unsentLowWater: ChannelOptions.Types.SocketOption {
        .init(level: .tcp, name: .init(rawValue: 25))
    }
}

extension NIOHTTPDecoderLimitConfiguration {
    /// Room for long credentials and trace headers, and no more.
    static let gateway = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 32 * 1024
        limits.maxHeaderListSize = 64 * 1024
        limits.maxHeaderFieldCount = 128
        return limits
    }()
}
