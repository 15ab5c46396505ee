import GatewayCore
import NIOHTTP1

/// One request that is relayed to the control plane, as a value: events in, actions out, no I/O and no clock.
///
/// Body and response flow independently, each no faster than its receiver takes it. Every way out ends in `settle`,
/// exactly once.
package struct RelayStateMachine: Sendable, Hashable {
    package typealias Actions = [RelayAction]

    /// What of the request's head and of the settings the order of things depends on.
    package struct Terms: Sendable, Hashable {
        /// Nil for a chunked body or none.
        package var declaredBytes: Int?
        package var hasBody: Bool
        package var expectsContinue: Bool
        /// Whether the client can send another request on this connection.
        package var isKeptAlive: Bool
        package var maxBodyBytes: Int

        package init(
            declaredBytes: Int? = nil, hasBody: Bool = true, expectsContinue: Bool = false, isKeptAlive: Bool = true,
            maxBodyBytes: Int = 32 * 1024 * 1024
        ) {
            self.declaredBytes = declaredBytes
            self.hasBody = hasBody
            self.expectsContinue = expectsContinue
            self.isKeptAlive = isKeptAlive
            self.maxBodyBytes = maxBodyBytes
        }
    }

    package enum Stage: Sendable, Hashable {
        /// The head of the response has not arrived.
        case awaitingHead
        case relaying
        case ended
    }

    package internal(set) var stage = Stage.awaitingHead
    let terms: Terms
    var bodyBytes = 0
    package internal(set) var isBodyEnded: Bool
    /// The control plane takes more of the body: not before the connection is up.
    var isUpstreamWritable = false
    var isContinueSent = false
    /// The client does not take more of the response, so the control plane is not read.
    var isUpstreamPaused = false

    package init(_ terms: Terms) {
        self.terms = terms
        isBodyEnded = !terms.hasBody
    }

    /// The first actions, before any event.
    package mutating func begin(_ actions: inout Actions) {
        if let declared = terms.declaredBytes, declared > terms.maxBodyBytes { return end(tooLarge, &actions) }
        actions.append(.startTimer(.request))
        if !isBodyEnded { actions.append(.startTimer(.wholeBody)) }
        actions.append(isBodyEnded ? .startTimer(.responseHead) : .pauseClient)
        actions.append(.connect)
    }

    /// - Parameter actions: what is to be done is appended.
    package mutating func handle(_ event: RelayEvent, _ actions: inout Actions) {
        switch (stage, event) {
        case (.ended, _): break
        case (_, .bodyPart(let part)): takeBody(part, &actions)
        case (_, .bodyEnd): endBody(&actions)
        case (_, .upstreamWritable): resumeBody(&actions)
        case (_, .upstreamUnwritable): pauseBody(&actions)
        case (_, .responseHead(let head)): takeHead(head, &actions)
        case (_, .responsePart(let part)): takePart(part, &actions)
        case (_, .responseEnd): endResponse(&actions)
        case (_, .clientUnwritable): pauseResponse(&actions)
        case (_, .clientWritable): resumeResponse(&actions)
        case (_, .failed(let error)): end(error, &actions)
        case (_, .refused(let error)): cancel(error, &actions)
        case (_, .clientGone): leave(&actions)
        case (_, .shutdown): cancel(.shuttingDown, &actions)
        case (_, .timer(let timer)): timeOut(timer, &actions)
        }
    }

    private mutating func timeOut(_ timer: ExchangeTimer, _ actions: inout Actions) {
        switch timer {
        case .body: cancel(.bodyTooSlow, &actions)
        // Without a paused client, the rest of the body is the client's to send.
        case .request, .wholeBody:
            cancel(isBodyEnded || !isUpstreamWritable ? .controlPlaneTooSlow : .bodyTooSlow, &actions)
        case .responseHead, .responsePart: cancel(.controlPlaneTooSlow, &actions)
        case .stall: leave(&actions)
        case .lookup, .attempt, .endOfBody, .streamBuffer, .retry, .keepAlive: break
        }
    }

    // MARK: The ways out

    var tooLarge: GatewayError {
        .client(.requestTooLarge, "The request body is larger than the limit of \(terms.maxBodyBytes) bytes.")
    }

    /// Ends a request whose call is still under way.
    mutating func cancel(_ error: GatewayError, _ actions: inout Actions) {
        actions.append(.cancelUpstream)
        end(error, &actions)
    }

    /// An error response, or the end of the connection if the response has begun.
    mutating func end(_ error: GatewayError, _ actions: inout Actions) {
        switch stage {
        case .awaitingHead: actions.append(.sendError(error, closing: !isBodyEnded || !terms.isKeptAlive))
        case .relaying: actions.append(.cut)
        case .ended: return
        }
        stage = .ended
        actions.append(.settle(error.code == .serverShuttingDown ? .shutdown : EndReason(of: error), error))
    }

    /// The client disconnected or stopped reading.
    private mutating func leave(_ actions: inout Actions) {
        stage = .ended
        actions.append(.cancelUpstream)
        actions.append(.closeClient)
        actions.append(.settle(.clientCancelled, nil))
    }
}
