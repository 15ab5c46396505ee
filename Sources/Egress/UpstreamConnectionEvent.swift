package import NIOCore
package import NIOHTTP1

/// What happens to an upstream's connection.
package enum UpstreamConnectionEvent: Sendable {
    /// How the body of a call's request comes.
    package enum Body: Sendable, Hashable {
        /// In slices that the connection has from the start, if any.
        case slices
        /// In parts, while the call runs; `length` bytes in all if that is known.
        case streamed(length: Int?)
    }

    // From the pool.

    /// The connection is up, and the call that it was opened for takes it. Not wanted: the call was cancelled
    /// meanwhile.
    case claimed(isWanted: Bool, Body)
    /// The pool gives an idle connection to a call.
    case reused(Body)
    /// The pool discards an idle connection.
    case retired

    // From the call.

    /// The next part of a streamed body.
    case bodyPart(ByteBuffer)
    /// The end of a streamed body.
    case bodyEnd
    case paused
    case resumed
    case cancelled

    // From the channel.

    case handshakeCompleted
    case writabilityChanged(isWritable: Bool)
    case readRequested
    case answerHead(HTTPResponseHead)
    case answerPart(ByteBuffer)
    case answerEnd
    case readComplete
    /// An error ends the connection.
    case failed(UpstreamFailure)
    /// The connection ended without an error.
    case closed

    // From the handler itself.

    /// Every slice of the body is written.
    case slicesWritten
    case handshakeTimedOut
}
