import NIOCore
import NIOHTTP1
import NIOTLS

/// One HTTP/1.1 connection to an upstream: passes what happens on the channel to the state machine, and performs the
/// actions.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPClientRequestPart

    let origin: UpstreamOrigin
    private(set) var idleSince = NIODeadline.now()
    /// Weak, since closing one with TLS takes longer than the pool may live.
    private weak var pool: UpstreamPool?
    private var context: ChannelHandlerContext?
    private var machine: UpstreamConnectionStateMachine
    private var call: PooledCall?
    private var unsent = UnsentBody()
    /// The answer has ended, and the read that brought its end has not: an answer to no request may follow in it, which
    /// the next call must not take for its own.
    private var isReleasePending = false
    /// The end of the time for connecting, handshake included.
    private var connectDeadline = NIODeadline.distantFuture
    private var handshakeTimer: Scheduled<Void>?

    init(origin: UpstreamOrigin, pool: UpstreamPool) {
        self.origin = origin
        self.pool = pool
        machine = UpstreamConnectionStateMachine(isSecured: origin.tls == nil)
    }

    var isUsable: Bool {
        context?.channel.isActive ?? false
    }

    // MARK: From the pool and from the call

    /// Gives the connection to the call that it was opened for. The request is sent at once, or after the TLS
    /// handshake.
    func claim(for call: PooledCall, within deadline: NIODeadline) {
        connectDeadline = deadline
        take(call, machine.handle(.claimed(isWanted: call.isWanted, call.bodyKind)))
    }

    /// Gives a connection that has served other calls to `call`.
    func start(_ call: PooledCall) {
        take(call, machine.handle(.reused(call.bodyKind)))
    }

    private func take(_ call: PooledCall, _ actions: UpstreamConnectionActions) {
        if case .refuse(let end) = actions.call { return call.fail(end.failure(of: origin.name)) }
        if call.isWanted {
            self.call = call
            call.attach(self)
        }
        perform(actions)
    }

    func pauseReading() { handle(.paused) }

    func resumeReading() { handle(.resumed) }

    func sendPart(_ part: ByteBuffer) { handle(.bodyPart(part)) }

    func finishBody() { handle(.bodyEnd) }

    /// The call was cancelled.
    func abandon() { handle(.cancelled) }

    /// The pool has no more use for it.
    func retire() { handle(.retired) }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent { handle(.handshakeCompleted) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        handle(.writabilityChanged(isWritable: context.channel.isWritable))
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        handle(.readRequested)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(var head):
            head.headers.trimValues()
            handle(.answerHead(head))
        case .body(let part): handle(.answerPart(part))
        case .end: handle(.answerEnd)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        handle(.readComplete)
        release()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        handle(.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        handle(
            .failed(
                UpstreamFailure(
                    error, duringHandshake: !machine.isSecured, hasAnswerBegun: machine.isAnswerBegun, origin: origin)))
    }

    // MARK: Actions

    private func handle(_ event: UpstreamConnectionEvent) {
        perform(machine.handle(event))
    }

    private func perform(_ actions: UpstreamConnectionActions) {
        perform(actions.timer)
        perform(actions.channel)
        perform(actions.call)
    }

    private func perform(_ action: UpstreamConnectionActions.Timer) {
        switch action {
        case .none: break
        case .startHandshake:
            handshakeTimer = context?.eventLoop.assumeIsolated().scheduleTask(deadline: connectDeadline) { [self] in
                handle(.handshakeTimedOut)
            }
        case .stopHandshake:
            handshakeTimer?.cancel()
            handshakeTimer = nil
        }
    }

    private func perform(_ action: UpstreamConnectionActions.Channel) {
        guard let context else { return }
        switch action {
        case .none: break
        case .read: context.read()
        case .sendRequest: sendRequest(context)
        case .writeSlices: writeSlices(context)
        case .writePart(let part): context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
        case .writeEnd: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .release(let reads):
            isReleasePending = true
            if reads { context.read() }
        case .close: close(context)
        case .leavePool:
            isReleasePending = false
            pool?.remove(self)
            close(context)
        }
    }

    private func perform(_ action: UpstreamConnectionActions.Call) {
        switch action {
        case .none, .refuse: break
        case .head(let head): call?.receiveHead(head)
        case .part(let part): call?.receiver?.upstreamPart(part)
        case .readComplete: call?.receiver?.upstreamReadComplete()
        case .writability(let isWritable): call?.changeWritability(isWritable)
        case .end: releaseCall()?.end()
        case .fail(let end): releaseCall()?.fail(end.failure(of: origin.name))
        case .resend: releaseCall()?.resend()
        case .drop: call = nil
        }
    }

    private func releaseCall() -> PooledCall? {
        defer { call = nil }
        return call
    }

    /// Gives the connection back to the pool, if its answer has ended.
    private func release() {
        guard isReleasePending else { return }
        isReleasePending = false
        idleSince = .now()
        pool?.release(self)
    }

    private func close(_ context: ChannelHandlerContext) {
        unsent = UnsentBody()
        context.close(promise: nil)
    }

    // MARK: Sending

    private func sendRequest(_ context: ChannelHandlerContext) {
        guard let call else { return }
        context.write(wrapOutboundOut(.head(call.request.head())), promise: nil)
        switch call.request.body {
        case .absent: writeSlices(context)
        case .slices(let slices):
            unsent = UnsentBody(slices)
            writeSlices(context)
        case .streamed:
            context.flush()
            // The receiver gets no event before the pool has returned the call.
            context.eventLoop.assumeIsolated().execute { [self] in
                handle(.writabilityChanged(isWritable: context.channel.isWritable))
            }
            call.acceptBody()
        }
    }

    private func writeSlices(_ context: ChannelHandlerContext) {
        while let piece = unsent.next() {
            context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
            guard unsent.isEmpty || context.channel.isWritable else { return context.flush() }
        }
        handle(.slicesWritten)
    }
}
