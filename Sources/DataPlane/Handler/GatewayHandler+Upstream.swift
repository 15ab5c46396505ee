import GatewayCore
import NIOCore
import Providers

/// What the attempt under way reports. An attempt that was replaced is not heard.
extension GatewayHandler {
    /// How long an upstream may take to end its body after its last event; a connection that does is kept.
    static var endOfBodyGrace: TimeAmount { .seconds(1) }

    func event(_ event: ExchangeEvent, from attempt: ActiveAttempt) {
        guard current(attempt) != nil else { return }
        self.event(event)
    }

    func recordHead(of attempt: ActiveAttempt, status: Int) {
        guard let request = current(attempt) else { return }
        request.exchange.attempts[attempt.number].headAfter = request.elapsed
        request.exchange.attempts[attempt.number].status = status
    }

    func awaitNextPart(of attempt: ActiveAttempt) {
        // Parts of one read still arrive after a pause; the time is then the client's, not the upstream's.
        guard let request = current(attempt), !request.machine.isUpstreamPaused else { return }
        deadline = upstreamDeadline(for: request, within: attempt.provider.timeouts.idle)
    }

    func awaitEndOfBody(of attempt: ActiveAttempt) {
        guard let request = current(attempt), !request.machine.isUpstreamPaused else { return }
        deadline = min(deadline, .now() + Self.endOfBodyGrace)
    }

    func isAnswerBegun(of attempt: ActiveAttempt) -> Bool {
        current(attempt)?.machine.isAnswerBegun ?? false
    }

    private func current(_ attempt: ActiveAttempt) -> ActiveRequest? {
        guard case .busy(let request) = phase, request.attempt === attempt else { return nil }
        return request
    }
}
