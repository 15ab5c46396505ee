import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// One HTTP/1.1 connection to an upstream, one call at a time.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPClientRequestPart

    private enum State {
        /// Not usable yet; the call waits.
        case connecting(PooledCall, timeout: Scheduled<Void>?)
        case idle
        case busy(PooledCall)
        case closed
    }

    /// Large bodies are written piece by piece, so that what waits in the channel, and in TLS, stays small.
    private static let pieceSize = 64 * 1024

    let origin: UpstreamOrigin
    private(set) var idleSince = NIODeadline.now()
    /// Weak, since closing one with TLS takes longer than the pool may live.
    private weak var pool: UpstreamPool?
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var unsent: ArraySlice<ByteBuffer> = []
    private var isRequestSent = true
    private var hasAnswerBegun = false
    private var isKeptAlive = false
    private var isReused = false
    private var isReadingPaused = false
    private var hasHeldRead = false

    init(origin: UpstreamOrigin, pool: UpstreamPool) {
        self.origin = origin
        self.pool = pool
    }

    var isUsable: Bool {
        context?.channel.isActive ?? false
    }

    // MARK: Asked by the pool and by calls

    /// Keeps `call` until the connection, and TLS on it, are up.
    func startWhenReady(_ call: PooledCall, within timeout: TimeAmount, on eventLoop: any EventLoop) {
        state = .connecting(call, timeout: nil)
        call.attach(self)
        guard origin.tls != nil else { return }  // Without TLS the bootstrap's own timeout is enough.
        let timer = eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
            guard case .connecting = state else { return }
            finish(.init(.unreachable, "no TLS session with \(origin.authority) within \(timeout)"))
        }
        state = .connecting(call, timeout: timer)
    }

    /// Takes on `call` on a connection that has served others.
    func start(_ call: PooledCall) {
        isReused = true
        call.attach(self)
        send(call)
    }

    func connectFailed(_ error: any Error) {
        finish(.init(.unreachable, "cannot connect to \(origin.authority): \(error)"))
    }

    func pauseReading() {
        isReadingPaused = true
    }

    func resumeReading() {
        isReadingPaused = false
        guard hasHeldRead, let context else { return }
        hasHeldRead = false
        context.read()
    }

    /// The pool has no more use for it.
    func retire() {
        state = .closed
        close()
    }

    /// The call is no longer wanted, and what is left of its answer has no place to go.
    func abandon() {
        if case .connecting(_, let timeout) = state { timeout?.cancel() }
        retire()
    }

    func close() {
        context?.close(promise: nil)
    }

    // MARK: Sending

    private func send(_ call: PooledCall) {
        guard let context else { return }
        state = .busy(call)
        unsent = call.request.body[...]
        isRequestSent = false
        hasAnswerBegun = false
        context.write(wrapOutboundOut(.head(call.request.head())), promise: nil)
        sendBody(context)
    }

    private func sendBody(_ context: ChannelHandlerContext) {
        while var buffer = unsent.popFirst() {
            if let piece = buffer.readSlice(length: min(buffer.readableBytes, Self.pieceSize)) {
                context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
            }
            guard buffer.readableBytes > 0 else { continue }
            unsent = [buffer] + unsent
            guard context.channel.isWritable else {
                context.flush()
                return  // channelWritabilityChanged goes on.
            }
        }
        isRequestSent = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if !isRequestSent, context.channel.isWritable { sendBody(context) }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Connecting

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if case .closed = state { close() }  // Given up while it was connecting, when there was nothing to close yet.
        if origin.tls == nil { ready() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent { ready() }
        context.fireUserInboundEventTriggered(event)
    }

    private func ready() {
        guard case .connecting(let call, let timeout) = state else { return }
        timeout?.cancel()
        send(call)
    }

    // MARK: Receiving

    func read(context: ChannelHandlerContext) {
        if isReadingPaused {
            hasHeldRead = true
        } else {
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .busy(let call) = state else { return close() }  // Nobody asked: not a connection to go on with.
        switch unwrapInboundIn(data) {
        case .head(let head):
            hasAnswerBegun = true
            call.forgetBody()
            isKeptAlive = head.isKeepAlive
            call.receiver?.upstreamHead(head)
        case .body(let part):
            call.receiver?.upstreamPart(part)
        case .end:
            if isKeptAlive, isRequestSent {
                state = .idle
                isReadingPaused = false
                idleSince = .now()
                pool?.giveBack(self)
            } else {
                state = .closed
                close()
            }
            call.end()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if case .busy(let call) = state { call.receiver?.upstreamReadComplete() }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(UpstreamFailure(error, duringHandshake: isConnecting, hasAnswerBegun: hasAnswerBegun, origin: origin))
    }

    private var isConnecting: Bool {
        if case .connecting = state { true } else { false }
    }

    /// The end of the connection, with `failure` where there is more to say than that it closed.
    private func finish(_ failure: UpstreamFailure?) {
        let last = state
        state = .closed
        close()
        switch last {
        case .closed: break
        case .idle: pool?.forget(self)
        case .connecting(let call, let timeout):
            timeout?.cancel()
            call.fail(failure ?? .init(.unreachable, "\(origin.authority) closed the connection at once"))
        case .busy(let call):
            if failure == nil || failure?.kind == .noAnswer, isReused, !hasAnswerBegun, call.resend() { return }
            call.fail(
                failure
                    ?? .init(
                        hasAnswerBegun ? .cut : .noAnswer,
                        "\(origin.authority) closed the connection \(hasAnswerBegun ? "within" : "before") its answer"))
        }
    }
}
