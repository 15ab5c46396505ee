package import NIOCore
package import NIOHTTP1

/// What the handler of an upstream's connection does after an event: at most one thing each with its timer, its channel
/// and its call, in this order. Every part of an answer makes such a value, so there is no array in it.
package struct UpstreamConnectionActions: Sendable, Equatable {
    package enum Timer: Sendable, Equatable {
        case none
        /// Limits the TLS handshake to the time that is left for connecting.
        case startHandshake
        case stopHandshake
    }

    package enum Channel: Sendable, Equatable {
        case none
        case read
        /// Writes the head of the call's request, then as much of its body as there is.
        case sendRequest
        /// Writes the next slices.
        case writeSlices
        case writePart(ByteBuffer)
        case writeEnd
        /// Returns the connection to the pool when the current read is over. `reads` performs a read that was deferred.
        case release(reads: Bool)
        case close
        /// Closes an idle connection and removes it from the pool.
        case leavePool
    }

    package enum Call: Sendable, Equatable {
        case none
        /// Fails a call that cannot take the connection. Another call may have it.
        case refuse(UpstreamConnectionEnd)
        case head(HTTPResponseHead)
        case part(ByteBuffer)
        case readComplete
        case writability(isWritable: Bool)
        /// Ends the call with a complete answer.
        case end
        /// Ends the call without a complete answer.
        case fail(UpstreamConnectionEnd)
        /// Moves the call to a new connection.
        case resend
        /// Releases a cancelled call.
        case drop
    }

    package var timer: Timer
    package var channel: Channel
    package var call: Call

    package init(timer: Timer = .none, channel: Channel = .none, call: Call = .none) {
        self.timer = timer
        self.channel = channel
        self.call = call
    }

    package static let none = UpstreamConnectionActions()
}
