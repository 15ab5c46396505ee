public import NIOCore
import NIOHTTP1
import NIOPosix

/// The connections of one event loop to all upstreams. Belongs to that loop: no locks, and never used from elsewhere.
public final class UpstreamPool {
    /// How long a connection may stay unused: less than what providers and their load balancers allow (60 s and more), so that
    /// it is this side that closes.
    private static let idleLimit = TimeAmount.seconds(30)

    private let eventLoop: any EventLoop
    private var idle: [UpstreamOrigin: [UpstreamConnection]] = [:]

    public init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
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

    func giveBack(_ connection: UpstreamConnection) {
        idle[connection.origin, default: []].append(connection)
    }

    func forget(_ connection: UpstreamConnection) {
        idle[connection.origin]?.removeAll { $0 === connection }
    }

    /// Opens a connection for `call`, which is told if that fails.
    func connect(for call: PooledCall) {
        let origin = call.request.origin
        let connection = UpstreamConnection(origin: origin, pool: self)
        let bound = NIOLoopBound(connection, eventLoop: eventLoop)
        connection.startWhenReady(call, within: call.request.connectTimeout, on: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(call.request.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = origin.tls {
                        try channel.pipeline.syncOperations.addHandler(tls.makeHandler(host: origin.host))
                    }
                    try channel.pipeline.syncOperations.addHandlers([
                        HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()), bound.value,
                    ])
                }
            }
            .connect(host: origin.host, port: origin.port)
            .assumeIsolated()
            .whenFailure { error in
                connection.connectFailed(error)
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
