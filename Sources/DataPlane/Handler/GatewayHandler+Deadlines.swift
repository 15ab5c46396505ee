import GatewayCore
import NIOCore

/// What the clock and the operator bring about.
extension GatewayHandler {
    /// Looks at the deadline; called by the loop several times a second.
    func tick(_ now: NIODeadline) {
        if now >= deadline {
            deadline = .distantFuture
            deadlinePassed()
            flushIfNeeded()
        } else if case .busy(let request) = phase {
            sendKeepAliveIfSilent(request, now: now)
        }
    }

    private func deadlinePassed() {
        switch phase {
        case .idle, .lingering: context?.close(promise: nil)
        case .receivingHead:
            sendErrorWithoutRequest(.client(.requestTimeout, "The request's headers did not come in time."))
        case .busy(let request):
            if request.isStreamComplete { finishWithoutFarewell(request) } else { event(.deadline) }
        }
    }

    /// The listener is closed: what has no request goes now.
    func drain() {
        switch phase {
        case .idle: context?.close(promise: nil)
        case .receivingHead, .busy, .lingering: break
        }
    }

    /// The time for requests in flight is over.
    func interrupt() {
        switch phase {
        case .idle, .receivingHead, .lingering: context?.close(promise: nil)
        case .busy: event(.shutdown)
        }
        flushIfNeeded()
    }
}
