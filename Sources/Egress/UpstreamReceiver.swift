public import NIOCore
public import NIOHTTP1

/// Receives the answer to an `UpstreamCall`, on the event loop of the call.
///
/// The order is: head, any number of parts, then either end or failure. A failure may come at any time. Nothing follows
/// an end or a failure.
public protocol UpstreamReceiver: AnyObject {
    /// The answer's status and headers.
    func upstreamHead(_ head: HTTPResponseHead)
    /// Bytes of the body, as they were received.
    func upstreamPart(_ part: ByteBuffer)
    /// Everything from one read of the socket was delivered: the time to flush.
    func upstreamReadComplete()
    /// The body is complete.
    func upstreamEnd()
    /// The call ended without a complete answer.
    func upstreamFailed(_ failure: UpstreamFailure)
    /// The upstream takes more of a streamed request body, or takes no more for now.
    ///
    /// A call starts as not writable and becomes writable when the connection is up. It can become not writable and
    /// writable again any number of times; the answer may begin meanwhile. Calls with a complete body never report
    /// this.
    func upstreamWritabilityChanged(isWritable: Bool)
}

extension UpstreamReceiver {
    /// Does nothing: for receivers whose requests have no streamed body.
    public func upstreamWritabilityChanged(isWritable: Bool) {}
}
