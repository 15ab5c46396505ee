import NIOCore

/// Asks a proxy for a tunnel, then makes room for the handlers of the connection through it.
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let proxy: EgressProxy
    private let target: (host: String, port: Int)
    private let install: () throws -> Void
    private var context: ChannelHandlerContext?
    private var answer = ProxyAnswer()
    /// Present while the proxy has not answered.
    private var promise: EventLoopPromise<Void>?
    private var timer: Scheduled<Void>?

    /// - Parameter install: adds the handlers of the connection behind this one.
    init(_ proxy: EgressProxy, to target: (host: String, port: Int), install: @escaping () throws -> Void) {
        self.proxy = proxy
        self.target = target
        self.install = install
    }

    /// Asks for the tunnel; the result comes by the deadline at the latest.
    func open(before deadline: NIODeadline) -> EventLoopFuture<Void>? {
        guard let context else { return nil }
        let promise = context.eventLoop.makePromise(of: Void.self)
        self.promise = promise
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            fail("does not answer in time")
        }
        let request = proxy.connectRequest(to: target.host, port: target.port)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
        return promise.futureResult
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard promise != nil else { return context.fireChannelRead(data) }
        switch answer.receive(unwrapInboundIn(data).readableBytesView) {
        case .incomplete: break
        case .refused(407): fail("wants credentials for CONNECT (407); see egress.credentials")
        case .refused(let status): fail("refuses CONNECT with status \(status)")
        case .invalid: fail("does not answer CONNECT in HTTP/1.1")
        case .accepted: succeed(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("closed the connection before its answer to CONNECT")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard promise != nil else { return context.fireErrorCaught(error) }
        fail("cannot be used: \(error)")
    }

    private func succeed(_ context: ChannelHandlerContext) {
        guard let promise = takePromise() else { return }
        do {
            try install()
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            promise.succeed()
        } catch {
            promise.fail(error)
            context.close(promise: nil)
        }
    }

    private func fail(_ reason: String) {
        guard let promise = takePromise() else { return }
        promise.fail(UpstreamFailure(.unreachable, "the proxy \(proxy.name) \(reason)"))
        context?.close(promise: nil)
    }

    private func takePromise() -> EventLoopPromise<Void>? {
        timer?.cancel()
        timer = nil
        defer { promise = nil }
        return promise
    }
}
