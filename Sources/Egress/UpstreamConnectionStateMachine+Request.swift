import NIOCore

/// The request goes out.
extension UpstreamConnectionStateMachine {
    func changeWritability(_ isWritable: Bool) -> Actions {
        switch state {
        case .busy(let exchange):
            switch exchange.request {
            case .sendingSlices: isWritable ? Actions(channel: .writeSlices) : .none
            case .streaming: Actions(call: .writability(isWritable: isWritable))
            case .sent: .none
            }
        case .unclaimed, .handshaking, .idle, .closed: .none
        }
    }

    mutating func completeSlices() -> Actions {
        switch state {
        case .busy(var exchange):
            switch exchange.request {
            case .sendingSlices:
                exchange.request = .sent
                state = .busy(exchange)
                return Actions(channel: .writeEnd)
            case .streaming, .sent: return .none
            }
        case .unclaimed, .handshaking, .idle, .closed: return .none
        }
    }

    mutating func sendPart(_ part: ByteBuffer) -> Actions {
        switch state {
        case .busy(var exchange):
            switch exchange.request {
            case .streaming where part.readableBytes == 0: return .none
            case .streaming(let remaining?) where remaining < part.readableBytes: return failBody(of: exchange)
            case .streaming(let remaining):
                exchange.request = .streaming(remaining: remaining.map { $0 - part.readableBytes })
                exchange.isResendable = false
                state = .busy(exchange)
                return Actions(channel: .writePart(part))
            case .sendingSlices, .sent: return .none
            }
        case .unclaimed, .handshaking, .idle, .closed: return .none
        }
    }

    mutating func endBody() -> Actions {
        switch state {
        case .busy(var exchange):
            switch exchange.request {
            case .streaming(nil), .streaming(0):
                exchange.request = .sent
                state = .busy(exchange)
                return Actions(channel: .writeEnd)
            case .streaming: return failBody(of: exchange)
            case .sendingSlices, .sent: return .none
            }
        case .unclaimed, .handshaking, .idle, .closed: return .none
        }
    }

    /// The server would take the next request for the rest of this body, or the rest of this body for the next request.
    private mutating func failBody(of exchange: Exchange) -> Actions {
        state = .closed(nil)
        return Actions(
            channel: .close, call: .fail(.wrongBodyLength(isAnswerBegun: exchange.answer != .awaited)))
    }
}
