/// The life of one connection to an upstream, which serves one call at a time: events in, actions out.
///
/// Every call that takes the connection leaves it exactly once: by `.end`, `.fail`, `.resend` or `.drop`.
package struct UpstreamConnectionStateMachine: Sendable, Hashable {
    package typealias Event = UpstreamConnectionEvent
    package typealias Actions = UpstreamConnectionActions

    package enum State: Sendable, Hashable {
        /// One of the attempts to reach the upstream, of which the call claims at most one.
        case unclaimed
        /// A call waits for TLS.
        case handshaking(Event.Body)
        /// In the pool.
        case idle
        case busy(Exchange)
        /// With the failure that ended it, if an error did.
        case closed(UpstreamFailure?)
    }

    /// The request and the answer of one call.
    package struct Exchange: Sendable, Hashable {
        package enum Request: Sendable, Hashable {
            case sendingSlices
            /// `remaining` is the number of bytes still to come, if the request says how many there are.
            case streaming(remaining: Int?)
            case sent
        }

        package enum Answer: Sendable, Hashable {
            case awaited
            case begun(keepsAlive: Bool)
        }

        package internal(set) var request: Request
        package internal(set) var answer = Answer.awaited
        /// Whether the request can be sent again on another connection: the server may have closed an idle connection
        /// before the request reached it, and no byte of a streamed body is lost with it.
        package internal(set) var isResendable: Bool

        init(_ body: Event.Body, isReused: Bool) {
            isResendable = isReused
            switch body {
            case .slices: request = .sendingSlices
            case .streamed(let length): request = .streaming(remaining: length)
            }
        }
    }

    package internal(set) var state = State.unclaimed
    /// Whether a request may be written: from the start without TLS, after the handshake with it.
    package private(set) var isSecured: Bool
    var isReadingPaused = false
    var hasDeferredRead = false

    package init(isSecured: Bool) {
        self.isSecured = isSecured
    }

    package var isAnswerBegun: Bool {
        if case .busy(let exchange) = state { exchange.answer != .awaited } else { false }
    }

    package mutating func handle(_ event: Event) -> Actions {
        switch event {
        case .claimed(let isWanted, let body): claim(isWanted: isWanted, body)
        case .handshakeCompleted: completeHandshake()
        case .handshakeTimedOut: timeOutHandshake()
        case .reused(let body): reuse(body)
        case .writabilityChanged(let isWritable): changeWritability(isWritable)
        case .slicesWritten: completeSlices()
        case .bodyPart(let part): sendPart(part)
        case .bodyEnd: endBody()
        case .readRequested: requestRead()
        case .paused: pause()
        case .resumed: resume()
        case .answerHead(let head): receiveHead(head)
        case .answerPart(let part): receivePart(part)
        case .answerEnd: receiveEnd()
        case .readComplete: completeRead()
        case .cancelled: cancel()
        case .retired: retire()
        case .failed(let failure): end(failure)
        case .closed: end(nil)
        }
    }

    // MARK: The connection gets a call

    private mutating func claim(isWanted: Bool, _ body: Event.Body) -> Actions {
        switch state {
        case .unclaimed where !isWanted:
            state = .closed(nil)
            return Actions(channel: .close)
        case .unclaimed where isSecured:
            state = .busy(Exchange(body, isReused: false))
            return Actions(channel: .sendRequest)
        case .unclaimed:
            state = .handshaking(body)
            return Actions(timer: .startHandshake)
        case .closed(let failure?): return Actions(call: .refuse(.failure(failure)))
        case .closed(nil), .handshaking, .idle, .busy: return Actions(call: .refuse(.closedAtOnce))
        }
    }

    private mutating func completeHandshake() -> Actions {
        isSecured = true
        switch state {
        case .handshaking(let body):
            state = .busy(Exchange(body, isReused: false))
            return Actions(timer: .stopHandshake, channel: .sendRequest)
        case .unclaimed, .idle, .busy, .closed: return .none
        }
    }

    private mutating func timeOutHandshake() -> Actions {
        switch state {
        case .handshaking:
            state = .closed(nil)
            return Actions(channel: .close, call: .fail(.handshakeTimedOut))
        case .unclaimed, .idle, .busy, .closed: return .none
        }
    }

    private mutating func reuse(_ body: Event.Body) -> Actions {
        switch state {
        case .idle:
            state = .busy(Exchange(body, isReused: true))
            return Actions(channel: .sendRequest)
        case .unclaimed, .handshaking, .busy, .closed: return Actions(call: .refuse(.closedAtOnce))
        }
    }
}
