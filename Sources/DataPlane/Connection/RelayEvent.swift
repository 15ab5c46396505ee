package import GatewayCore
package import NIOCore
package import NIOHTTP1

/// What happens to a request that is relayed to the control plane.
package enum RelayEvent: Sendable {
    // From the client.
    case bodyPart(ByteBuffer)
    case bodyEnd
    /// What the client sent is not HTTP.
    case refused(GatewayError)
    case clientUnwritable
    case clientWritable
    case clientGone

    // From the control plane.
    case upstreamUnwritable
    case upstreamWritable
    case responseHead(HTTPResponseHead)
    case responsePart(ByteBuffer)
    case responseEnd
    case failed(GatewayError)

    // From the clock and the operator.
    case timer(ExchangeTimer)
    case shutdown
}
