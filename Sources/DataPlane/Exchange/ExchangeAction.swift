package import GatewayCore

/// An action for the shell to perform, in order. An action that can cause further events is the last of its list.
package enum ExchangeAction: Sendable, Equatable {
    // Stages.
    case authenticate
    /// Resolve and plan; or answer from the snapshot.
    case plan
    /// Admit the attempt at this position of the plan.
    case admit(Int)
    /// Start the attempt at this position of the plan.
    case attempt(Int)
    /// The attempt failed, and another follows.
    case attemptEnded(GatewayError)

    // Time. Running timers end with the request's settlement.
    case startTimer(ExchangeTimer)
    case stopTimer(ExchangeTimer)
    /// Start the timer of the next attempt.
    case wait(milliseconds: Int)

    // To the client.
    case pauseClient
    case resumeClient
    /// The interim response for `Expect: 100-continue` (RFC 9110, section 10.1.1).
    case sendContinue
    /// The gateway's own response.
    case sendLocalAnswer
    /// A complete error response; the connection cannot be used again if `closing`.
    case sendError(GatewayError, closing: Bool)
    /// Buffer the part: the response may still fit into one write, or another attempt may be needed.
    case bufferPart
    /// The head, and what was buffered.
    case sendHead
    case sendPart
    /// The head, the buffered bytes and the end, in one write.
    case sendWhole
    case sendEnd
    case sendKeepAlive
    /// An error within a started response; then the connection ends, so that the response does not look complete.
    case sendBrokenEnd(GatewayError)
    case closeClient

    // To the upstream.
    case pauseUpstream
    case resumeUpstream
    case cancelUpstream
    /// Cancel the upstream, and treat the received bytes as its complete body.
    case finishWithoutEndOfBody

    /// The last action of every request, exactly once: settle and record it.
    case settle(EndReason, GatewayError?)
}
