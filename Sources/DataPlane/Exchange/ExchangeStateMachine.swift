package import GatewayCore

/// One request from its head to its settlement, as a value: events in, actions out, no I/O and no clock.
///
/// The stages are the functions below, in their order: authenticate, read, plan (which is resolve and plan), execute (which
/// admits each attempt before it is made), relay; every way out of them ends in `settle`, exactly once. Nothing reaches a provider by another way.
package struct ExchangeStateMachine: Sendable {
    /// What of the request's head and of the settings the order of things depends on.
    package struct Terms: Sendable {
        /// From `Content-Length`; nil for a chunked body or none.
        package var declaredBytes: Int?
        /// A request without one is complete with its head.
        package var hasBody: Bool
        package var expectsContinue: Bool
        /// Whether the client can send another request on this connection.
        package var isKeptAlive: Bool
        package var maxBodyBytes: Int
        /// An answer of up to this size goes out in one write; the beginning of a stream up to this size can be held back.
        package var maxBufferedBytes = 64 * 1024
        package var attempts: AttemptSequence.Limits
        /// `routing.retry_after_timeout`.
        package var repeatsAfterTimeout: Bool

        package init(
            declaredBytes: Int? = nil, hasBody: Bool = true, expectsContinue: Bool = false, isKeptAlive: Bool = true,
            maxBodyBytes: Int = 32 * 1024 * 1024, attempts: AttemptSequence.Limits = .init(),
            repeatsAfterTimeout: Bool = false
        ) {
            self.declaredBytes = declaredBytes
            self.hasBody = hasBody
            self.expectsContinue = expectsContinue
            self.isKeptAlive = isKeptAlive
            self.maxBodyBytes = maxBodyBytes
            self.attempts = attempts
            self.repeatsAfterTimeout = repeatsAfterTimeout
        }
    }

    package enum Stage: Sendable, Equatable {
        case authenticate
        case read
        case plan
        case execute(Execution)
        case relay(AnswerKind)
        /// The client is gone, and the upstream is read to its end for the usage.
        case drain
        case ended
    }

    /// How far the current attempt is; nothing of it has reached the client yet.
    package enum Execution: Sendable, Equatable {
        /// Limits and budgets are being asked whether the attempt may be made.
        case admitting(position: Int)
        case awaitingHead
        /// A whole answer is being held back.
        case buffering(bytes: Int)
        /// A stream has begun, and has brought nothing yet that another attempt could not bring as well.
        case bufferingStream(bytes: Int)
        /// The upstream's words on its failure are coming in.
        case readingError
        /// The next attempt is for later.
        case waiting(position: Int)
    }

    package private(set) var stage = Stage.authenticate
    private let terms: Terms
    private var bodyBytes = 0
    private(set) var isBodyEnded: Bool
    private var isClientPaused = false
    private var attempts = AttemptSequence(routes: 0, limits: .init())
    private var lastError: GatewayError?
    private(set) var isUpstreamPaused = false

    package init(_ terms: Terms) {
        self.terms = terms
        isBodyEnded = !terms.hasBody
    }

    /// The first action, before any event.
    package var firstAction: ExchangeAction { .authenticate }

    package mutating func handle(_ event: ExchangeEvent) -> [ExchangeAction] {
        switch (stage, event) {
        case (.ended, _): []
        case (.drain, _): drain(event)
        case (_, .clientGone(let isDrained)):
            isDrained && isAttemptUnderWay ? beginDraining() : leave(.clientCancelled, nil)
        case (_, .shutdown): interrupt(.shuttingDown, reason: .shutdown)
        case (.authenticate, _): authenticate(event)
        case (.read, _): read(event)
        case (.plan, _): plan(event)
        case (.execute(let execution), _): execute(execution, event)
        case (.relay(let kind), _): relay(kind, event)
        }
    }

    // MARK: 1. Authenticate: from the head alone

    private mutating func authenticate(_ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .authenticationPending:
            isClientPaused = true
            return [.pauseClient]
        case .authenticated:
            if let declared = terms.declaredBytes, declared > terms.maxBodyBytes { return refuse(tooLarge) }
            stage = .read
            return resumeClient() + (terms.expectsContinue && bodyBytes == 0 && !isBodyEnded ? [.sendContinue] : [])
                + (isBodyEnded ? beginPlanning() : [])
        case .refused(let error): return refuse(error)
        case .bodyPart(let bytes): return takeBody(bytes)
        case .bodyEnd:
            isBodyEnded = true
            return []
        case .deadline: return refuse(.storeTooSlow)
        case .answeredLocally, .planned, .admitted, .clientUnwritable, .clientWritable, .answerHead, .answerPart,
            .answerEnd, .attemptFailed, .streamBufferTimedOut, .waitOver, .clientGone, .shutdown:
            return []
        }
    }

    // MARK: 2. Read: the body, up to the limit

    private mutating func read(_ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .bodyPart(let bytes): return takeBody(bytes)
        case .bodyEnd:
            isBodyEnded = true
            return beginPlanning()
        case .refused(let error): return refuse(error)
        case .deadline: return refuse(.bodyTooSlow)
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .clientUnwritable,
            .clientWritable, .answerHead, .answerPart, .answerEnd, .attemptFailed, .streamBufferTimedOut, .waitOver,
            .clientGone, .shutdown:
            return []
        }
    }

    private mutating func takeBody(_ bytes: Int) -> [ExchangeAction] {
        bodyBytes += bytes
        return bodyBytes > terms.maxBodyBytes ? refuse(tooLarge) : []
    }

    private mutating func beginPlanning() -> [ExchangeAction] {
        stage = .plan
        return [.plan]
    }

    // MARK: 3. and 4. Resolve, plan

    private mutating func plan(_ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .answeredLocally:
            stage = .ended
            return [.sendLocalAnswer, .settle(.complete, nil)]
        case .planned(let routes):
            attempts = AttemptSequence(routes: routes, limits: terms.attempts)
            return perform(attempts.begin())
        case .refused(let error): return refuse(error)
        case .deadline: return refuse(.storeTooSlow)
        case .authenticationPending, .authenticated, .admitted, .bodyPart, .bodyEnd, .clientUnwritable,
            .clientWritable, .answerHead, .answerPart, .answerEnd, .attemptFailed, .streamBufferTimedOut, .waitOver,
            .clientGone, .shutdown:
            return []
        }
    }

    // MARK: 5. Admit: before each attempt

    private mutating func admit(_ position: Int) -> [ExchangeAction] {
        stage = .execute(.admitting(position: position))
        return [.admit(position)]
    }

    private mutating func admitting(_ position: Int, _ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .admitted:
            stage = .execute(.awaitingHead)
            return [.attempt(position)]
        // Once a provider was called, the request failed there; the caller is told why no other attempt follows.
        case .refused(let error): return refuse(error, as: lastError == nil ? nil : .upstreamError)
        case .deadline: return refuse(.storeTooSlow)
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .bodyPart, .bodyEnd,
            .clientUnwritable, .clientWritable, .answerHead, .answerPart, .answerEnd, .attemptFailed,
            .streamBufferTimedOut, .waitOver, .clientGone, .shutdown:
            return []
        }
    }

    // MARK: 6. Execute: attempts, while nothing has reached the client

    private mutating func execute(_ execution: Execution, _ event: ExchangeEvent) -> [ExchangeAction] {
        switch execution {
        case .admitting(let position): admitting(position, event)
        case .awaitingHead: awaitingHead(event)
        case .buffering(let bytes): buffering(bytes, event)
        case .bufferingStream(let bytes): bufferingStream(bytes, event)
        case .readingError: readingError(event)
        case .waiting(let position): waiting(position, event)
        }
    }

    private mutating func awaitingHead(_ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .answerHead(.json):
            stage = .execute(.buffering(bytes: 0))
            return []
        case .answerHead(.stream):
            // As long as another attempt is possible, nothing goes out that it could not bring as well.
            guard attempts.hasMore else { return beginStream() }
            stage = .execute(.bufferingStream(bytes: 0))
            return [.bufferStreamStart]
        case .answerHead(.error):
            stage = .execute(.readingError)
            return []
        case .attemptFailed(let error): return nextAttempt(after: error)
        case .deadline: return giveUpAttempt()
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart,
            .bodyEnd, .clientUnwritable, .clientWritable, .answerPart, .answerEnd, .streamBufferTimedOut, .waitOver,
            .clientGone, .shutdown:
            return []
        }
    }

    private mutating func buffering(_ buffered: Int, _ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .answerPart(let bytes, _) where buffered + bytes <= terms.maxBufferedBytes:
            stage = .execute(.buffering(bytes: buffered + bytes))
            return [.bufferPart]
        case .answerPart:
            stage = .relay(.json)
            return [.sendHead, .sendPart]
        case .answerEnd:
            stage = .ended
            return [.sendWhole, .settle(.complete, nil)]
        case .attemptFailed(let error): return nextAttempt(after: error)
        case .deadline: return giveUpAttempt()
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart,
            .bodyEnd, .clientUnwritable, .clientWritable, .answerHead, .streamBufferTimedOut, .waitOver, .clientGone,
            .shutdown:
            return []
        }
    }

    private mutating func bufferingStream(_ buffered: Int, _ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .answerPart(let bytes, hasContent: false) where buffered + bytes <= terms.maxBufferedBytes:
            stage = .execute(.bufferingStream(bytes: buffered + bytes))
            return [.bufferPart]
        case .answerPart: return beginStream() + [.sendPart]
        case .streamBufferTimedOut: return beginStream()
        case .answerEnd: return beginStream() + relay(.stream, event)
        case .attemptFailed(let error): return nextAttempt(after: error)
        case .deadline: return giveUpAttempt()
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart,
            .bodyEnd, .clientUnwritable, .clientWritable, .answerHead, .waitOver, .clientGone, .shutdown:
            return []
        }
    }

    private mutating func readingError(_ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .attemptFailed(let error): return nextAttempt(after: error)
        case .deadline: return giveUpAttempt()
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart,
            .bodyEnd, .clientUnwritable, .clientWritable, .answerHead, .answerPart, .answerEnd,
            .streamBufferTimedOut, .waitOver, .clientGone, .shutdown:
            return []
        }
    }

    /// The next attempt is due later.
    private mutating func waiting(_ position: Int, _ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .waitOver: return admit(position)
        case .deadline: return refuse(lastError ?? .upstreamTooSlow(isRepeated: false), as: .upstreamError)
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart,
            .bodyEnd, .clientUnwritable, .clientWritable, .answerHead, .answerPart, .answerEnd, .attemptFailed,
            .streamBufferTimedOut, .clientGone, .shutdown:
            return []
        }
    }

    private mutating func giveUpAttempt() -> [ExchangeAction] {
        [.cancelUpstream] + nextAttempt(after: .upstreamTooSlow(isRepeated: terms.repeatsAfterTimeout))
    }

    private mutating func nextAttempt(after error: GatewayError) -> [ExchangeAction] {
        lastError = error
        if let step = attempts.advance(after: error.retry, retryAfterSeconds: error.retryAfterSeconds) {
            return [.attemptEnded(error)] + perform(step)
        }
        // A provider was called, so this is its refusal, also where the caller's own request is at fault.
        let reason = EndReason(of: error)
        return refuse(error, as: reason == .refused ? .upstreamError : reason)
    }

    private mutating func perform(_ step: AttemptSequence.Step) -> [ExchangeAction] {
        guard step.wait > 0 else { return admit(step.position) }
        stage = .execute(.waiting(position: step.position))
        return [.wait(milliseconds: step.wait)]
    }

    private mutating func beginStream() -> [ExchangeAction] {
        stage = .relay(.stream)
        return [.sendHead]
    }

    // MARK: 7. Relay: the answer flows

    private mutating func relay(_ kind: AnswerKind, _ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .answerPart: return [.sendPart]
        case .answerEnd:
            stage = .ended
            return [.sendEnd, .settle(.complete, nil)]
        case .attemptFailed(let error): return breakOff(error)
        case .clientUnwritable where !isUpstreamPaused:
            isUpstreamPaused = true
            return [.pauseUpstream]
        case .clientWritable where isUpstreamPaused:
            isUpstreamPaused = false
            return [.resumeUpstream]
        case .deadline:
            // The upstream cannot be late while it is told to wait: it is the client that does not read.
            return isUpstreamPaused
                ? leave(.clientCancelled, nil) : [.cancelUpstream] + breakOff(.upstreamTooSlow(isRepeated: false))
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart,
            .bodyEnd, .clientUnwritable, .clientWritable, .answerHead, .streamBufferTimedOut, .waitOver, .clientGone,
            .shutdown:
            return []
        }
    }

    // MARK: Drain: nobody hears the answer any more, but it tells what it costs

    private mutating func beginDraining() -> [ExchangeAction] {
        stage = .drain
        defer { isUpstreamPaused = false }
        return (isUpstreamPaused ? [.resumeUpstream] : []) + [.closeClient]
    }

    private mutating func drain(_ event: ExchangeEvent) -> [ExchangeAction] {
        switch event {
        case .answerEnd, .attemptFailed:
            stage = .ended
            return [.settle(.clientCancelled, nil)]
        case .deadline, .shutdown:
            stage = .ended
            return [.cancelUpstream, .settle(.clientCancelled, nil)]
        case .authenticationPending, .authenticated, .answeredLocally, .planned, .admitted, .refused, .bodyPart,
            .bodyEnd, .clientUnwritable, .clientWritable, .clientGone, .answerHead, .answerPart,
            .streamBufferTimedOut, .waitOver:
            return []
        }
    }

    // MARK: 8. and 9. The ways out, each of which settles; recording follows from that

    /// A whole error answer. What is left of the body is not worth a connection.
    private mutating func refuse(_ error: GatewayError, as reason: EndReason? = nil) -> [ExchangeAction] {
        stage = .ended
        return [
            .sendError(error, closing: !isBodyEnded || !terms.isKeptAlive),
            .settle(reason ?? EndReason(of: error), error),
        ]
    }

    /// An error within an answer that has begun.
    private mutating func breakOff(_ error: GatewayError) -> [ExchangeAction] {
        stage = .ended
        return [.sendBrokenEnd(error), .settle(EndReason(of: error), error)]
    }

    /// The client is gone, or as good as gone.
    private mutating func leave(_ reason: EndReason, _ error: GatewayError?) -> [ExchangeAction] {
        defer { stage = .ended }
        return (isAttemptUnderWay ? [.cancelUpstream] : []) + [.closeClient, .settle(reason, error)]
    }

    /// The gateway itself has to stop.
    private mutating func interrupt(_ error: GatewayError, reason: EndReason) -> [ExchangeAction] {
        defer { stage = .ended }
        return (isAttemptUnderWay ? [.cancelUpstream] : [])
            + (isAnswerBegun ? [.sendBrokenEnd(error)] : [.sendError(error, closing: true)]) + [.settle(reason, error)]
    }

    private mutating func resumeClient() -> [ExchangeAction] {
        defer { isClientPaused = false }
        return isClientPaused ? [.resumeClient] : []
    }

    private var isAttemptUnderWay: Bool {
        switch stage {
        case .execute(.waiting), .execute(.admitting): false
        case .execute, .relay, .drain: true
        case .authenticate, .read, .plan, .ended: false
        }
    }

    var isAnswerBegun: Bool {
        if case .relay = stage { true } else { false }
    }

    /// Whether the beginning of a stream is held back.
    var isBufferingStream: Bool {
        if case .execute(.bufferingStream) = stage { true } else { false }
    }

    private var tooLarge: GatewayError {
        .client(.requestTooLarge, "The request body is larger than the limit of \(terms.maxBodyBytes) bytes.")
    }
}
