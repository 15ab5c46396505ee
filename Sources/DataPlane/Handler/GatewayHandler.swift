import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import WireFormats

/// The shell round the state machine: turns what happens on a client's connection into events, and performs the actions.
///
/// The only place with a `ChannelHandlerContext`. What the stages do is in `Stages.swift`, what an upstream says in
/// `GatewayHandler+Upstream.swift`, what goes to the client in `GatewayHandler+Client.swift`.
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
    private var hasHeldRead = false

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
        loop.remove(self)
    }

    func channelActive(context: ChannelHandlerContext) {
        if loop.isDraining { context.close(promise: nil) }  // Accepted while the listener was closing.
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Many clients leave at the last event, before the upstream has ended its body: the answer was whole.
        if case .busy(let request) = phase, request.relay?.isDone == true { finishWithoutFarewell(request) }
        event(.clientGone)
        phase = .lingering
        loop.remove(self)
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
        if isReadingPaused || !context.channel.isWritable { hasHeldRead = true } else { context.read() }
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
        request.body.take(part)
        if request.machine.stage == .read { deadline = .now() + loop.settings.bodyTimeout }
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
        case .decide: event(request.decide(using: &loop.random))
        case .attempt(let position): attempt(position, for: request)
        case .pauseClient: isReadingPaused = true
        case .resumeClient: resumeReading()
        case .sendContinue: sendContinue()
        case .sendLocalAnswer: sendLocalAnswer(of: request)
        case .sendError(let error, let closing): sendError(error, of: request, closing: closing)
        case .holdPart: request.held.take(request.pending)
        case .sendHead: sendHead(of: request)
        case .sendPart: sendPart(of: request)
        case .sendWhole: sendWhole(of: request)
        case .sendEnd: sendEnd(of: request)
        case .sendBrokenEnd(let error): sendBrokenEnd(error, of: request)
        case .closeClient: context?.close(promise: nil)
        case .pauseUpstream:
            request.call?.pause()
            clientMovedAt = .now()
            noteUnsentBytes()
            deadline = .now() + loop.settings.stallTimeout
        case .resumeUpstream:
            deadline = upstreamDeadline(for: request, within: request.provider?.timeouts.idle)
            request.call?.resume()
        case .cancelUpstream: request.call?.cancel()
        case .settle(let reason, let error): settle(request, reason, error)
        }
    }

    // MARK: Stages that may have to wait

    private func authenticate(_ request: ActiveRequest) {
        do throws(GatewayError) {
            if let refusal = request.refusalBeforeAuthentication() { throw refusal }
            guard loop.load.enter() else { throw .overloaded }
            request.isCounted = true
            let token = try Credentials.token(in: request.head.headers)
            switch loop.cachedKey(token.publicID, now: request.exchange.receivedAt) {
            case .known(let record): try accept(token, record, for: request)
            case .absent: try accept(token, nil, for: request)
            case .unknown: awaitKey(token, for: request)
            }
        } catch {
            event(.refused(error))
        }
    }

    private func accept(_ token: APIKeyToken, _ record: KeyRecord?, for request: ActiveRequest) throws(GatewayError) {
        try request.verify(token, against: record)
        loop.noteUse(ofKey: token.publicID, now: request.exchange.receivedAt)
        event(.authenticated)
    }

    private func awaitKey(_ token: APIKeyToken, for request: ActiveRequest) {
        event(.authenticationPending)
        deadline = .now() + loop.settings.keyTimeout
        loop.fetchKey(token.publicID) { [self] result in
            guard case .busy(let current) = phase, current === request else { return }
            deadline = .now() + loop.settings.bodyTimeout
            do throws(GatewayError) {
                try accept(token, try result.get(), for: request)
            } catch {
                event(.refused(error))
            }
            flushIfNeeded()
        }
    }

    private func attempt(_ position: Int, for request: ActiveRequest) {
        do throws(GatewayError) {
            let call = try request.makeAttempt(position)
            let timeouts = request.provider?.timeouts ?? ProviderTimeouts()
            request.attemptDeadline = timeouts.total.map { .now() + $0 } ?? .distantFuture
            let head = request.exchange.isStream ? timeouts.streamHead : timeouts.head
            deadline = upstreamDeadline(for: request, within: timeouts.connect + head)
            request.call = call.start(over: loop.upstreams, on: loop.eventLoop, receiver: self)
        } catch {
            event(.attemptFailed(error))
        }
    }

    /// The sooner of `time` from now and what bounds the attempt; and as long as nothing has gone to the client, of what bounds
    /// the whole request. A stream that flows is never cut for its length.
    func upstreamDeadline(for request: ActiveRequest, within time: TimeAmount?) -> NIODeadline {
        let bound = min(time.map { .now() + $0 } ?? .distantFuture, request.attemptDeadline)
        return request.machine.isAnswerBegun ? bound : min(bound, request.startedAt + loop.settings.requestDeadline)
    }

    // MARK: 8. Settle, 9. record

    /// The ledger will be told here; the log is.
    private func settle(_ request: ActiveRequest, _ reason: EndReason, _ error: GatewayError?) {
        request.call = nil
        let elapsed = request.elapsed
        request.noteAttempt { attempt in
            attempt.endedAfter = elapsed
            attempt.failure = error.map { $0.cause ?? $0.message }
        }
        request.exchange.usage = request.relay?.usage
        request.exchange.endedAfter = elapsed
        request.exchange.endReason = reason
        request.exchange.error = error
        if request.isCounted { loop.load.leave() }
        releaseBody(of: request)
        resumeReading()
        // The end of an answer can have brought in the next request of a pipeline.
        if case .busy(let current) = phase, current === request { becomeIdle() }
        loop.record(request.exchange)
    }

    /// No attempt will send the body again.
    func releaseBody(of request: ActiveRequest) {
        loop.load.release(request.reservedBytes)
        request.reservedBytes = 0
        request.body = ByteBuffer()
    }

    func becomeIdle() {
        phase = .idle
        unsentBytes = 0
        deadline = .now() + loop.settings.idleTimeout
    }

    private func resumeReading() {
        isReadingPaused = false
        releaseRead()
    }

    private func releaseRead() {
        guard hasHeldRead, !isReadingPaused, let context, context.channel.isWritable else { return }
        hasHeldRead = false
        context.read()
    }
}

extension ByteBuffer {
    /// Adds `part`; without a copy if it is the first, as it mostly is.
    fileprivate mutating func take(_ part: ByteBuffer) {
        if readableBytes == 0 { self = part } else { writeImmutableBuffer(part) }
    }
}

extension GatewayError {
    fileprivate static func malformedHTTP(_ error: HTTPParserError) -> GatewayError {
        error == .headerOverflow
            ? .client(.headersTooLarge, "The request's headers are too large.")
            : .client(.invalidRequest, "The request is not well-formed HTTP/1.1.")
    }
}
