import NIOCore
import NIOHTTP1

/// The answer comes in.
extension UpstreamConnectionStateMachine {
    // MARK: Reading

    /// A pause defers only the reads of an answer; TLS needs its own.
    mutating func requestRead() -> Actions {
        switch state {
        case .busy where isReadingPaused:
            hasDeferredRead = true
            return .none
        case .unclaimed, .handshaking, .idle, .busy, .closed: return Actions(channel: .read)
        }
    }

    mutating func pause() -> Actions {
        switch state {
        case .handshaking, .busy: isReadingPaused = true
        case .unclaimed, .idle, .closed: break
        }
        return .none
    }

    mutating func resume() -> Actions {
        switch state {
        case .handshaking, .busy: resumeReading() ? Actions(channel: .read) : .none
        case .unclaimed, .idle, .closed: .none
        }
    }

    /// - Returns: whether a read was deferred.
    private mutating func resumeReading() -> Bool {
        defer { hasDeferredRead = false }
        isReadingPaused = false
        return hasDeferredRead
    }

    // MARK: The parts of an answer

    mutating func receiveHead(_ head: HTTPResponseHead) -> Actions {
        switch state {
        case .busy(var exchange):
            // After 101 the decoder takes nothing that follows for HTTP.
            exchange.answer = .begun(keepsAlive: head.isKeepAlive && head.status != .switchingProtocols)
            exchange.isResendable = false
            state = .busy(exchange)
            return Actions(call: .head(head))
        case .unclaimed, .handshaking, .idle, .closed: return refuseAnswer()
        }
    }

    mutating func receivePart(_ part: ByteBuffer) -> Actions {
        switch state {
        case .busy: Actions(call: .part(part))
        case .unclaimed, .handshaking, .idle, .closed: refuseAnswer()
        }
    }

    mutating func receiveEnd() -> Actions {
        switch state {
        case .busy(let exchange):
            switch (exchange.answer, exchange.request) {
            case (.begun(keepsAlive: true), .sent):
                state = .idle
                return Actions(channel: .release(reads: resumeReading()), call: .end)
            case (.begun, _):
                // The server may still wait for the rest of the request.
                state = .closed(nil)
                return Actions(channel: .close, call: .end)
            case (.awaited, _): return end(nil)
            }
        case .unclaimed, .handshaking, .idle, .closed: return refuseAnswer()
        }
    }

    func completeRead() -> Actions {
        switch state {
        case .busy: Actions(call: .readComplete)
        case .unclaimed, .handshaking, .idle, .closed: .none
        }
    }

    /// Without a request there is no answer: what is sent here is not HTTP, or belongs to a request that is over.
    private mutating func refuseAnswer() -> Actions {
        end(nil)
    }
}
