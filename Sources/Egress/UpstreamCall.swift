public import NIOCore
public import NIOHTTP1

/// One request on its way to an upstream, seen from the side that asked for it.
///
/// Every call belongs to one event loop; all of its methods are called there.
public protocol UpstreamCall: AnyObject {
    /// Stops reading from the upstream, so that a slow client slows its own upstream.
    func pause()
    /// Reads again after `pause()`.
    func resume()
    /// Ends the call. The receiver hears nothing more, and the upstream's connection is closed unless the answer had ended.
    func cancel()
}

/// Who hears the answer to an `UpstreamCall`, on the event loop of the call.
///
/// The order is: head, any number of parts, then either end or failure; a failure may come at any time and is the last word.
public protocol UpstreamReceiver: AnyObject {
    /// The answer's status and headers.
    func upstreamHead(_ head: HTTPResponseHead)
    /// Some bytes of the body, as they came.
    func upstreamPart(_ part: ByteBuffer)
    /// Everything that one read from the socket brought has been handed over: the time to flush.
    func upstreamReadComplete()
    /// The body is complete.
    func upstreamEnd()
    /// The call ended without a complete answer.
    func upstreamFailed(_ failure: UpstreamFailure)
}

/// Why a call ended without a complete answer.
public struct UpstreamFailure: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// No connection came about: name resolution, refusal, connect timeout. Nothing was sent.
        case unreachable
        /// The upstream's certificate was refused, or TLS failed otherwise. Nothing was sent.
        case tls
        /// The connection ended before any byte of the answer. It may have been acted upon.
        case noAnswer
        /// The connection ended within the answer.
        case cut
        /// What came is not HTTP/1.1.
        case invalidAnswer
    }

    public let kind: Kind
    /// For the operator's log, never for the caller.
    public let reason: String

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
