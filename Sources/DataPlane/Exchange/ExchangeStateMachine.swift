package import GatewayCore

/// One request from its head to its settlement, as a value: events in, actions out, no I/O and no clock.
///
/// The stages are, in their order: authenticate, read, plan (in `+Request`), execute, which admits each attempt before
/// it is made (`+Execution`), relay and drain (`+Relay`). Every way out of them ends in `settle`, exactly once. Nothing
/// reaches a provider by another way.
package struct ExchangeStateMachine: Sendable {
    package typealias Actions = [ExchangeAction]

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
        /// A response of up to this size goes out in one write; the start of a stream up to this size can be buffered.
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
        /// The client is gone, and the upstream is read to its end.
        case drain
        case ended
    }

    /// How far the current attempt is; nothing of it has reached the client yet.
    package enum Execution: Sendable, Equatable {
        /// Limits and budgets are being asked whether the attempt may be made.
        case admitting(position: Int)
        /// The provider's credential is being fetched.
        case awaitingCredential
        case awaitingHead
        /// A JSON response is being buffered.
        case buffering(bytes: Int)
        /// A stream has begun, and has brought nothing yet that another attempt could not bring as well.
        case bufferingStream(bytes: Int)
        /// The upstream's error message is coming in.
        case readingError
        /// The next attempt is for later.
        case waiting(position: Int)
    }

    package internal(set) var stage = Stage.authenticate
    let terms: Terms
    var bodyBytes = 0
    package internal(set) var isBodyEnded: Bool
    var isClientPaused = false
    var isLookupPending = false
    var attempts = AttemptSequence(routes: 0, limits: .init())
    var lastError: GatewayError?
    /// Whether every failure so far is one that a retry by the caller cannot change.
    var areFailuresLasting = true
    /// In this attempt or in an earlier one.
    var wasProviderCalled = false
    var isUpstreamPaused = false
    /// Of the current attempt's stream.
    var progress = StreamProgress.open
    /// The client had the last event of its stream when it left.
    var isResponseComplete = false

    package init(_ terms: Terms) {
        self.terms = terms
        isBodyEnded = !terms.hasBody
    }

    /// The first actions, before any event.
    package func begin(_ actions: inout Actions) {
        actions.append(.startTimer(.request))
        actions.append(.authenticate)
    }

    /// - Parameter actions: what is to be done is appended.
    package mutating func handle(_ event: ExchangeEvent, _ actions: inout Actions) {
        switch (stage, event) {
        case (.ended, _): break
        case (.drain, _): drain(event, &actions)
        case (_, .clientGone(let isDrained)): clientGone(isDrained: isDrained, &actions)
        case (_, .shutdown): interrupt(.shuttingDown, reason: .shutdown, &actions)
        case (.authenticate, _): authenticate(event, &actions)
        case (.read, _): read(event, &actions)
        case (.plan, _): plan(event, &actions)
        case (.execute(let execution), _): execute(execution, event, &actions)
        case (.relay(let kind), _): relay(kind, event, &actions)
        }
    }

    // MARK: The ways out, each of which settles; recording follows from that

    /// A complete error response. What is left of the body is not worth a connection.
    mutating func refuse(_ error: GatewayError, as reason: EndReason? = nil, _ actions: inout Actions) {
        stage = .ended
        actions.append(.sendError(error, closing: !isBodyEnded || !terms.isKeptAlive))
        actions.append(.settle(reason ?? EndReason(of: error), error))
    }

    /// An error within a response that has begun.
    mutating func breakOff(_ error: GatewayError, _ actions: inout Actions) {
        stage = .ended
        actions.append(.sendBrokenEnd(error))
        actions.append(.settle(EndReason(of: error), error))
    }

    /// The client disconnected or stopped reading.
    mutating func leave(_ actions: inout Actions) {
        if isAttemptUnderWay { actions.append(.cancelUpstream) }
        stage = .ended
        actions.append(.closeClient)
        actions.append(.settle(.clientCancelled, nil))
    }

    /// The gateway itself has to stop.
    private mutating func interrupt(_ error: GatewayError, reason: EndReason, _ actions: inout Actions) {
        if isAttemptUnderWay { actions.append(.cancelUpstream) }
        actions.append(isAnswerBegun ? .sendBrokenEnd(error) : .sendError(error, closing: true))
        stage = .ended
        actions.append(.settle(reason, error))
    }

    var isAttemptUnderWay: Bool {
        switch stage {
        case .execute(.waiting), .execute(.admitting), .execute(.awaitingCredential): false
        case .execute, .relay, .drain: true
        case .authenticate, .read, .plan, .ended: false
        }
    }

    package var isAnswerBegun: Bool {
        if case .relay = stage { true } else { false }
    }
}
