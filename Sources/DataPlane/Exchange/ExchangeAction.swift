package import GatewayCore

/// What the shell has to do, in order.
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
    /// Say when this time is over.
    case wait(milliseconds: Int)

    // Towards the client.
    case pauseClient
    case resumeClient
    /// The interim answer that `Expect: 100-continue` waits for (RFC 9110, section 10.1.1).
    case sendContinue
    /// The answer that the gateway has prepared itself.
    case sendLocalAnswer
    /// A whole error answer; the connection cannot be used again if `closing`.
    case sendError(GatewayError, closing: Bool)
    /// A stream has begun; say when its beginning has been held back long enough.
    case bufferStreamStart
    /// Keep the part: the answer may still fit into one write, or another attempt may be needed.
    case bufferPart
    /// The head, and whatever was held.
    case sendHead
    case sendPart
    /// Head, everything held, and the end, in one write.
    case sendWhole
    case sendEnd
    /// An error within an answer that has begun; then the connection ends, so that nobody takes it for whole.
    case sendBrokenEnd(GatewayError)
    case closeClient

    // Towards the upstream.
    case pauseUpstream
    case resumeUpstream
    case cancelUpstream

    /// The last action of every request, exactly once: account for it and record it.
    case settle(EndReason, GatewayError?)
}
