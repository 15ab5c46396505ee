import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// The shell round the state machine: turns what happens on a client's connection into events, and performs the actions.
///
/// The only place with a `ChannelHandlerContext`. What the stages do is in `ActiveRequest+Stages.swift` and,
/// where they may have to wait, in `GatewayHandler+Stages.swift`; what an upstream says in `GatewayHandler+Upstream.swift`; what goes
/// to the client in `GatewayHandler+Client.swift`; what the clock brings in `GatewayHandler+Deadlines.swift`.
final class GatewayHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    /// What a connection is doing, and so what its deadline means.
    enum Phase {
        case idle
        case receivingHead
        case busy(ActiveRequest)
        /// The answer is out and nothing more will be read, but the client may still be sending: closing at once would make
        /// its TCP drop the answer (RFC 9112, section 9.6).
        case lingering
    }

    let loop: LoopContext
    var phase = Phase.idle
    var deadline: NIODeadline
    var context: ChannelHandlerContext?
    var lastSentAt = NIODeadline.now()
    var needsFlush = false
    /// What the client had not taken yet when that was last looked at, and when it last was another number.
    var unsentBytes = 0
    var clientMovedAt = NIODeadline.now()
    /// The end of an answer is being written, within which the next request of a pipeline can come in.
    var isEnding = false
    private var isReadingPaused = false
    private var hasPendingRead = false

    init(loop: LoopContext) {
        self.loop = loop
        deadline = .now() + loop.settings.idleTimeout
    }

    // MARK: The connection's life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        if !isDraining { leaveLoop() }
    }

    /// The connection is gone, and nothing of it is left to do.
    func leaveLoop() {
        phase = .lingering
        loop.remove(self)
    }

    /// The connection is gone, and its upstream is read to the end.
    private var isDraining: Bool {
        if case .busy(let request) = phase { request.machine.stage == .drain } else { false }
    }

    private var isDrainedAfterwards: Bool {
        if case .busy(let request) = phase { request.attempt?.provider.drainsAfterDisconnect ?? false } else { false }
    }

    func channelActive(context: ChannelHandlerContext) {
        if loop.isDraining { context.close(promise: nil) }  // Accepted while the listener was closing.
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Many clients leave at the last event, before the upstream has ended its body: the answer was whole.
        if case .busy(let request) = phase, let attempt = request.attempt, attempt.relay.isDone {
            attempt.finishWithoutEndOfBody()
        }
        event(.clientGone(isDrained: isDrainedAfterwards))
        if !isDraining { leaveLoop() }
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        event(context.channel.isWritable ? .clientWritable : .clientUnwritable)
        if context.channel.isWritable { releaseRead() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        if case .lingering = phase { return }
        let refusal = GatewayError.malformedHTTP(error)
        if case .busy(let request) = phase, request.machine.stage != .ended {
            event(.refused(refusal))
        } else {
            sendErrorWithoutRequest(refusal)
        }
        flushIfNeeded()
    }

    /// Nothing more is read from a client that does not take its answers, however many it asks for in a row.
    func read(context: ChannelHandlerContext) {
        if isReadingPaused || !context.channel.isWritable { hasPendingRead = true } else { context.read() }
    }

    // MARK: What the client sends

    /// Nothing is: what still comes after the last answer is dropped before anything makes work of it.
    var ignoresInput: Bool {
        if case .lingering = phase { true } else { false }
    }

    /// The first bytes of a request have come, perhaps not all of its head yet.
    func bytesArrived() {
        guard case .idle = phase else { return }
        phase = .receivingHead
        deadline = .now() + loop.settings.headerTimeout
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let part): receive(part)
        case .end: event(.bodyEnd)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfNeeded()
        context.fireChannelReadComplete()
    }

    private func begin(_ head: HTTPRequestHead) {
        if case .lingering = phase { return }
        let request = ActiveRequest(head: head, endpoint: Endpoint(method: head.method, target: head.uri), loop: loop)
        phase = .busy(request)
        deadline = .now() + loop.settings.bodyTimeout
        guard isEnding else { return start(request) }
        // Not within the write of another answer's end: thousands of pipelined requests would stand on one stack.
        loop.eventLoop.assumeIsolated().execute { [self] in
            guard case .busy(let current) = phase, current === request else { return }
            start(request)
            flushIfNeeded()
        }
    }

    private func start(_ request: ActiveRequest) {
        switch request.endpoint {
        case .health, .readiness: answerProbe(request)
        default: perform(request.machine.firstAction, for: request)
        }
    }

    private func receive(_ part: ByteBuffer) {
        guard case .busy(let request) = phase else { return }
        guard loop.load.reserve(part.readableBytes) else { return event(.refused(.overloaded)) }
        request.reservedBytes += part.readableBytes
        request.body.append(part)
        if request.machine.stage == .read {
            // However steadily it trickles in, it takes up a place.
            deadline = min(.now() + loop.settings.bodyTimeout, request.startedAt + loop.settings.requestDeadline)
        }
        event(.bodyPart(bytes: part.readableBytes))
    }

    // MARK: Events and actions

    /// Tells the state machine of the current request, if there is one, and does what it says.
    func event(_ event: ExchangeEvent) {
        guard case .busy(let request) = phase else { return }
        for action in request.machine.handle(event) { perform(action, for: request) }
    }

    private func perform(_ action: ExchangeAction, for request: ActiveRequest) {
        switch action {
        case .authenticate: authenticate(request)
        case .plan: plan(request)
        case .admit(let position): admit(position, for: request)
        case .attempt(let position): attempt(position, for: request)
        case .attemptEnded(let error): endAttempt(of: request, error)
        case .wait(let milliseconds):
            request.alarm = .now() + .milliseconds(Int64(milliseconds))
            deadline = upstreamDeadline(for: request, within: nil)
        case .bufferStreamStart: request.alarm = .now() + loop.settings.streamBufferTimeout
        case .pauseClient: isReadingPaused = true
        case .resumeClient: resumeReading()
        case .sendContinue: sendContinue()
        case .sendLocalAnswer: sendLocalAnswer(of: request)
        case .sendError(let error, let closing): sendError(error, of: request, closing: closing)
        case .bufferPart: request.attempt?.bufferPending()
        case .sendHead:
            recordAnswer(of: request)
            sendHead(of: request)
        case .sendPart:
            recordStoredResponse(request)
            sendPart(of: request)
        case .sendWhole:
            recordStoredResponse(request)
            sendWhole(of: request)
        case .sendEnd: sendEnd(of: request)
        case .sendBrokenEnd(let error): sendBrokenEnd(error, of: request)
        case .closeClient: context?.close(promise: nil)
        case .pauseUpstream:
            request.attempt?.call?.pause()
            clientMovedAt = .now()
            updateUnsentBytes()
            deadline = .now() + loop.settings.stallTimeout
        case .resumeUpstream:
            let limit =
                request.attempt?.relay.isDone == true ? Self.endOfBodyGrace : request.attempt?.provider.timeouts.idle
            deadline = upstreamDeadline(for: request, within: limit)
            request.attempt?.call?.resume()
        case .cancelUpstream: request.attempt?.cancel()
        case .settle(let reason, let error): settle(request, reason, error)
        }
    }

    // MARK: Between requests

    func becomeIdle() {
        phase = .idle
        unsentBytes = 0
        deadline = .now() + loop.settings.idleTimeout
    }

    func resumeReading() {
        isReadingPaused = false
        releaseRead()
    }

    private func releaseRead() {
        guard hasPendingRead, !isReadingPaused, let context, context.channel.isWritable else { return }
        hasPendingRead = false
        context.read()
    }
}

extension GatewayError {
    fileprivate static func malformedHTTP(_ error: HTTPParserError) -> GatewayError {
        error == .headerOverflow
            ? .client(.headersTooLarge, "The request's headers are too large.")
            : .client(.invalidRequest, "The request is not well-formed HTTP/1.1.")
    }
}
