public import NIOCore
import NIOHTTP1
public import NIOPosix

/// The connections of one event loop to all upstreams. It belongs to that loop: it has no locks, and is never used from
/// elsewhere.
public final class UpstreamPool {
    /// The time that a connection may stay unused: less than providers and their load balancers allow (60 s and more),
    /// so that this side closes it.
    private static let idleLimit = TimeAmount.seconds(30)

    private let eventLoop: any EventLoop
    private let resolver: (any Resolver & Sendable)?
    private var idle: [UpstreamOrigin: [UpstreamConnection]] = [:]

    /// - Parameter resolver: turns names into addresses; by default the system's.
    public init(eventLoop: any EventLoop, resolver: (any Resolver & Sendable)? = nil) {
        self.eventLoop = eventLoop
        self.resolver = resolver
    }

    /// Sends `request`, on an idle connection if there is one. `receiver` gets no event before this has returned.
    public func send(_ request: UpstreamRequest, receiver: any UpstreamReceiver) -> any UpstreamCall {
        let call = PooledCall(request: request, receiver: receiver, pool: self)
        if let connection = takeIdle(for: request.origin) {
            connection.start(call)
        } else {
            connect(for: call)
        }
        return call
    }

    /// Closes connections that have been idle for too long. Called regularly.
    public func closeIdle(now: NIODeadline) {
        for (origin, connections) in idle {
            let (stale, fresh) = connections.split { now - $0.idleSince > Self.idleLimit }
            idle[origin] = fresh.isEmpty ? nil : fresh
            for connection in stale { connection.retire() }
        }
    }

    /// Closes every idle connection, when the gateway stops.
    public func closeAll() {
        let all = idle.values.joined()
        idle = [:]
        for connection in all { connection.retire() }
    }

    func release(_ connection: UpstreamConnection) {
        idle[connection.origin, default: []].append(connection)
    }

    func remove(_ connection: UpstreamConnection) {
        idle[connection.origin]?.removeAll { $0 === connection }
    }

    /// Opens a connection for `call`, which fails if there is none in time.
    ///
    /// A name can have several addresses, which are tried in parallel (RFC 8305): each attempt is a channel with a
    /// handler of its own, and the call claims the one that succeeds first.
    func connect(for call: PooledCall) {
        let origin = call.request.origin
        let deadline = NIODeadline.now() + call.request.connectTimeout
        connect(to: origin, within: call.request.connectTimeout, until: deadline)
            .assumeIsolated()
            .whenComplete { result in
                do {
                    let connection = try result.get().pipeline.syncOperations.handler(type: UpstreamConnection.self)
                    connection.claim(for: call, within: deadline)
                } catch let failure as UpstreamFailure {
                    call.fail(failure)
                } catch {
                    call.fail(UpstreamFailure(connecting: error, to: origin))
                }
            }
    }

    private func connect(
        to origin: UpstreamOrigin, within timeout: TimeAmount, until deadline: NIODeadline
    ) -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .resolver(resolver)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.prepare(channel, to: origin) }
            }
        let tcp = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
        return switch (origin.address, origin.proxy) {
        case (.tcp(let host, let port), nil): tcp.connect(host: host, port: port)
        case (.tcp, let proxy?):
            tcp.connect(host: proxy.host, port: proxy.port).flatMap { channel in
                let tunnel = Result { try channel.pipeline.syncOperations.handler(type: ProxyTunnel.self) }
                let opened = (try? tunnel.get())?.open(before: deadline)
                return (opened ?? channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)).map { channel }
            }
        case (.unix(let path), _): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    /// Adds the handlers of a connection to `channel`; through a proxy, when its tunnel stands.
    private func prepare(_ channel: any Channel, to origin: UpstreamOrigin) throws {
        guard case .tcp(let host, let port) = origin.address, let proxy = origin.proxy else {
            return try install(in: channel, to: origin)
        }
        let tunnel = ProxyTunnel(proxy, to: (host, port)) { [self] in try install(in: channel, to: origin) }
        try channel.pipeline.syncOperations.addHandler(tunnel)
    }

    private func install(in channel: any Channel, to origin: UpstreamOrigin) throws {
        if let handler = try origin.makeTLSHandler() { try channel.pipeline.syncOperations.addHandler(handler) }
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: .upstream)),
            UpstreamConnection(origin: origin, pool: self),
        ])
    }

    private func takeIdle(for origin: UpstreamOrigin) -> UpstreamConnection? {
        let now = NIODeadline.now()
        while let connection = idle[origin]?.popLast() {
            if now - connection.idleSince <= Self.idleLimit, connection.isUsable { return connection }
            connection.retire()
        }
        return nil
    }
}

extension Array {
    fileprivate func split(by belongsFirst: (Element) -> Bool) -> (first: [Element], second: [Element]) {
        (filter(belongsFirst), filter { !belongsFirst($0) })
    }
}

extension NIOHTTPDecoderLimitConfiguration {
    /// Far above what providers send.
    fileprivate static var upstream: Self {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 32 * 1024
        limits.maxHeaderListSize = 128 * 1024
        limits.maxHeaderFieldCount = 256
        return limits
    }
}
