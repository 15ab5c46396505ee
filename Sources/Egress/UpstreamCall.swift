public import NIOCore

/// One request to an upstream, for the side that makes it.
///
/// Every call belongs to one event loop; all of its methods are called there.
public protocol UpstreamCall: AnyObject {
    /// Stops reading from the upstream, so that a slow client slows its own upstream.
    func pause()
    /// Reads again after `pause()`.
    func resume()
    /// Ends the call. The receiver gets no further event, and the upstream's connection is closed unless the answer had
    /// ended.
    func cancel()
    /// Passes on the next bytes of a streamed request body (`UpstreamRequest.Body.streamed`).
    ///
    /// The sender stops when the receiver gets `upstreamWritabilityChanged(isWritable: false)`, which is also the state
    /// at the start. Bytes that it sends nevertheless are queued: the sender's own reads bound that queue, so a sender
    /// that stops reading its source has at most one read's bytes in it. After the end of the call, the bytes are
    /// dropped.
    func send(_ part: ByteBuffer)
    /// Ends a streamed request body.
    func finishBody()
}

extension UpstreamCall {
    /// Does nothing: for calls whose body is complete from the start.
    public func send(_ part: ByteBuffer) {}
    /// Does nothing: for calls whose body is complete from the start.
    public func finishBody() {}
}
