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
        /// One of the attempts to reach the upstream, of which the call will take one.
        case unclaimed
        /// TLS is not up yet; the call waits.
        case handshaking(PooledCall, timeout: Scheduled<Void>)
        case idle
        case busy(PooledCall)
        /// With what there was to say about it.
        case closed(UpstreamFailure?)
    }

    /// Large bodies are written piece by piece, so that what waits in the channel, and in TLS, stays small.
    private static let pieceSize = 64 * 1024

    let origin: UpstreamOrigin
    private(set) var idleSince = NIODeadline.now()
    /// Weak, since closing one with TLS takes longer than the pool may live.
    private weak var pool: UpstreamPool?
    private var context: ChannelHandlerContext?
    private var state = State.unclaimed
    private var unsent: ArraySlice<ByteBuffer> = []
    private var isRequestSent = true
    private var hasAnswerBegun = false
    private var isKeptAlive = false
    private var isReused = false
    /// Whether what is written is safe: at once without TLS, after the handshake with it.
    private var isSecured: Bool
    private var isReadingPaused = false
    private var hasPendingRead = false

    init(origin: UpstreamOrigin, pool: UpstreamPool) {
        self.origin = origin
        self.pool = pool
        isSecured = origin.tls == nil
    }

    var isUsable: Bool {
        context?.channel.isActive ?? false
    }

    // MARK: Asked by the pool and by calls

    /// Takes on the call that the connection was made for, at once or when TLS is up.
    func claim(for call: PooledCall, within limit: NIODeadline, on eventLoop: any EventLoop) {
        switch state {
        case .unclaimed where !call.isWanted: retire()
        case .unclaimed where isSecured:
            call.attach(self)
            send(call)
        case .unclaimed:
            call.attach(self)
            let timeout = eventLoop.assumeIsolated().scheduleTask(deadline: limit) { [self] in
                guard case .handshaking = state else { return }
                finish(.init(.unreachable, "no TLS session with \(origin.authority) in time"))
            }
            state = .handshaking(call, timeout: timeout)
        case .closed(let failure): call.fail(failure ?? closedAtOnce)
        case .handshaking, .idle, .busy: call.fail(closedAtOnce)
        }
    }

    /// Takes on `call` on a connection that has served others.
    func start(_ call: PooledCall) {
        isReused = true
        call.attach(self)
        send(call)
    }

    func pauseReading() {
        isReadingPaused = true
    }

    func resumeReading() {
        isReadingPaused = false
        guard hasPendingRead, let context else { return }
        hasPendingRead = false
        context.read()
    }

    /// The pool has no more use for it.
    func retire() {
        state = .closed(nil)
        unsent = []
        close()
    }

    /// The call is no longer wanted, and what is left of its answer has no place to go.
    func abandon() {
        if case .handshaking(_, let timeout) = state { timeout.cancel() }
        retire()
    }

    func close() {
        context?.close(promise: nil)
    }

    // MARK: Sending

    private func send(_ call: PooledCall) {
        guard let context else { return call.fail(closedAtOnce) }
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

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent { handshakeCompleted() }
        context.fireUserInboundEventTriggered(event)
    }

    private func handshakeCompleted() {
        isSecured = true
        guard case .handshaking(let call, let timeout) = state else { return }
        timeout.cancel()
        send(call)
    }

    // MARK: Receiving

    func read(context: ChannelHandlerContext) {
        if isReadingPaused {
            hasPendingRead = true
        } else {
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .busy(let call) = state else { return close() }  // Nobody asked: not a connection to go on with.
        switch unwrapInboundIn(data) {
        case .head(let head):
            hasAnswerBegun = true
            call.releaseBody()
            // After 101 the decoder takes nothing that follows for HTTP.
            isKeptAlive = head.isKeepAlive && head.status != .switchingProtocols
            call.receiver?.upstreamHead(head)
        case .body(let part):
            call.receiver?.upstreamPart(part)
        case .end:
            if isKeptAlive, isRequestSent {
                state = .idle
                isReadingPaused = false
                idleSince = .now()
                pool?.release(self)
            } else {
                retire()
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
        finish(UpstreamFailure(error, duringHandshake: !isSecured, hasAnswerBegun: hasAnswerBegun, origin: origin))
    }

    /// The end of the connection, with `failure` where there is more to say than that it closed.
    private func finish(_ failure: UpstreamFailure?) {
        let last = state
        if case .closed = last { return }
        state = .closed(failure)
        unsent = []
        close()
        switch last {
        case .closed, .unclaimed: break
        case .idle: pool?.forget(self)
        case .handshaking(let call, let timeout):
            timeout.cancel()
            call.fail(failure ?? closedAtOnce)
        case .busy(let call):
            if failure == nil || failure?.kind == .noAnswer, isReused, !hasAnswerBegun, call.resend() { return }
            call.fail(
                failure
                    ?? .init(
                        hasAnswerBegun ? .cut : .noAnswer,
                        "\(origin.authority) closed the connection \(hasAnswerBegun ? "within" : "before") its answer"))
        }
    }

    private var closedAtOnce: UpstreamFailure {
        .init(.unreachable, "\(origin.authority) closed the connection at once")
    }
}
