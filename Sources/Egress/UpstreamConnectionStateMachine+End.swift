/// The connection ends.
extension UpstreamConnectionStateMachine {
    mutating func cancel() -> Actions {
        switch state {
        case .handshaking:
            state = .closed(nil)
            return Actions(timer: .stopHandshake, channel: .close, call: .drop)
        case .busy:
            // The rest of the answer has no receiver.
            state = .closed(nil)
            return Actions(channel: .close, call: .drop)
        case .unclaimed, .idle, .closed: return .none
        }
    }

    mutating func retire() -> Actions {
        switch state {
        case .idle:
            state = .closed(nil)
            return Actions(channel: .close)
        case .unclaimed, .handshaking, .busy, .closed: return end(nil)
        }
    }

    mutating func end(_ failure: UpstreamFailure?) -> Actions {
        let last = state
        switch last {
        case .unclaimed:
            state = .closed(failure)
            return Actions(channel: .close)
        case .handshaking:
            state = .closed(failure)
            return Actions(
                timer: .stopHandshake, channel: .close, call: .fail(failure.map { .failure($0) } ?? .closedAtOnce))
        case .idle:
            state = .closed(failure)
            return Actions(channel: .leavePool)
        case .busy(let exchange):
            state = .closed(failure)
            return Actions(channel: .close, call: exchange.outcome(of: failure))
        case .closed: return .none
        }
    }
}

extension UpstreamConnectionStateMachine.Exchange {
    fileprivate func outcome(of failure: UpstreamFailure?) -> UpstreamConnectionActions.Call {
        guard let failure else {
            if isResendable { return .resend }
            return .fail(answer == .awaited ? .closedBeforeAnswer : .closedWithinAnswer)
        }
        return isResendable && failure.kind == .noAnswer ? .resend : .fail(.failure(failure))
    }
}
