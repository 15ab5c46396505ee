public import NIOCore
import NIOHTTP1
public import NIOPosix

/// The connections of one event loop to all upstreams. Belongs to that loop: no locks, and never used from elsewhere.
public final class UpstreamPool {
    /// How long a connection may stay unused: less than what providers and their load balancers allow (60 s and more), so that
    /// it is this side that closes.
    private static let idleLimit = TimeAmount.seconds(30)

    private let eventLoop: any EventLoop
    private let resolver: (any Resolver & Sendable)?
    private var idle: [UpstreamOrigin: [UpstreamConnection]] = [:]

    /// - Parameter resolver: turns names into addresses; by default the system's.
    public init(eventLoop: any EventLoop, resolver: (any Resolver & Sendable)? = nil) {
        self.eventLoop = eventLoop
        self.resolver = resolver
    }

    /// Sends `request`, on a waiting connection if there is one. `receiver` hears nothing before this has returned.
    public func send(_ request: UpstreamRequest, receiver: any UpstreamReceiver) -> any UpstreamCall {
        let call = PooledCall(request: request, receiver: receiver, pool: self)
        if let connection = takeIdle(for: request.origin) {
            connection.start(call)
        } else {
            connect(for: call)
        }
        return call
    }

    /// Closes what has been idle for too long. Called from time to time.
    public func closeIdle(now: NIODeadline) {
        for (origin, connections) in idle {
            let (stale, fresh) = connections.split { now - $0.idleSince > Self.idleLimit }
            idle[origin] = fresh.isEmpty ? nil : fresh
            for connection in stale { connection.retire() }
        }
    }

    /// Closes every idle connection: the end of the gateway.
    public func closeAll() {
        let all = idle.values.joined()
        idle = [:]
        for connection in all { connection.retire() }
    }

    func release(_ connection: UpstreamConnection) {
        idle[connection.origin, default: []].append(connection)
    }

    func forget(_ connection: UpstreamConnection) {
        idle[connection.origin]?.removeAll { $0 === connection }
    }

    /// Opens a connection for `call`, which is told if that fails.
    ///
    /// A name can have several addresses, which are tried beside each other (RFC 8305): each attempt is a channel with a
    /// handler of its own, and the call takes the one that wins.
    func connect(for call: PooledCall) {
        let origin = call.request.origin
        let limit = NIODeadline.now() + call.request.connectTimeout
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .resolver(resolver)
            .connectTimeout(call.request.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = origin.tls {
                        try channel.pipeline.syncOperations.addHandler(tls.makeHandler(host: origin.host))
                    }
                    try channel.pipeline.syncOperations.addHandlers([
                        HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: .upstream)),
                        UpstreamConnection(origin: origin, pool: bound.value),
                    ])
                }
            }
            .connect(host: origin.host, port: origin.port)
            .assumeIsolated()
            .whenComplete { [eventLoop] result in
                do {
                    let connection = try result.get().pipeline.syncOperations.handler(type: UpstreamConnection.self)
                    connection.claim(for: call, within: limit, on: eventLoop)
                } catch {
                    call.fail(UpstreamFailure(.unreachable, "cannot connect to \(origin.authority): \(error)"))
                }
            }
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
