package import GatewayCore

/// What the shell has to do, in order. An action that can bring about further events is the last of its list.
package enum ExchangeAction: Sendable, Equatable {
    // Stages.
    case authenticate
    /// Resolve and plan; or answer from the snapshot.
    case plan
    /// Admit the attempt at this position of the plan.
    case admit(Int)
    /// Make the attempt at this position of the plan.
    case attempt(Int)
    /// The attempt failed, and another follows.
    case attemptEnded(GatewayError)

    // Time. Timers that are still running when the request is settled end with it.
    case startTimer(ExchangeTimer)
    case stopTimer(ExchangeTimer)
    /// Start the timer of the next attempt.
    case wait(milliseconds: Int)

    // Towards the client.
    case pauseClient
    case resumeClient
    /// The interim response that `Expect: 100-continue` waits for (RFC 9110, section 10.1.1).
    case sendContinue
    /// The response that the gateway has prepared itself.
    case sendLocalAnswer
    /// A complete error response; the connection cannot be used again if `closing`.
    case sendError(GatewayError, closing: Bool)
    /// Keep the part: the response may still fit into one write, or another attempt may be needed.
    case bufferPart
    /// The head, and what was buffered.
    case sendHead
    case sendPart
    /// Head, everything buffered, and the end, in one write.
    case sendWhole
    case sendEnd
    case sendKeepAlive
    /// An error within a response that has begun; then the connection ends, so that the response does not look complete.
    case sendBrokenEnd(GatewayError)
    case closeClient

    // Towards the upstream.
    case pauseUpstream
    case resumeUpstream
    case cancelUpstream
    /// Cancel the upstream and take what it has sent for its whole body.
    case finishWithoutEndOfBody

    /// The last action of every request, exactly once: account for it and record it.
    case settle(EndReason, GatewayError?)
}
