package import GatewayCore
package import NIOCore
package import NIOHTTP1

/// What the shell of a relay does, in order. An action that can cause further events is the last of its list.
package enum RelayAction: Sendable, Equatable {
    // Time.
    case startTimer(ExchangeTimer)
    case stopTimer(ExchangeTimer)

    // To the client.
    case pauseClient
    case resumeClient
    /// The interim response that `Expect: 100-continue` waits for (RFC 9110, section 10.1.1).
    case sendContinue
    case sendHead(HTTPResponseHead)
    case sendPart(ByteBuffer)
    /// The end of the response; the connection is not used again if `closing`.
    case sendEnd(closing: Bool)
    /// A complete error response; the connection is not used again if `closing`.
    case sendError(GatewayError, closing: Bool)
    /// Ends the connection within a response, so that the response does not look complete.
    case cut
    case closeClient

    // To the control plane.
    /// Sends the head, and a body without bytes.
    case connect
    case forwardPart(ByteBuffer)
    case forwardEnd
    case pauseUpstream
    case resumeUpstream
    case cancelUpstream

    /// The last action of every request, exactly once: record it.
    case settle(EndReason, GatewayError?)
}
