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
        case .receivingHead: context?.close(promise: nil)
        case .idle, .lingering: closeOnceSent()
        case .busy(let request):
            if request.machine.isUpstreamPaused, hasClientMoved() {
                deadline = .now() + loop.settings.stallTimeout
            } else if request.isStreamComplete {
                finishWithoutFarewell(request)
            } else {
                event(.deadline)
            }
        }
    }

    /// Closes a connection without a request, but not over the head of a client that is still reading its answer.
    private func closeOnceSent() {
        guard hasClientMoved() else {
            context?.close(promise: nil)
            return
        }
        deadline = .now() + (unsentBytes > 0 ? loop.settings.stallTimeout : loop.settings.idleTimeout)
    }

    /// Whether the client has taken anything of what waits for it since this was last asked, or there was nothing to take.
    @discardableResult func hasClientMoved() -> Bool {
        let before = unsentBytes
        // The option is one that every socket has; without it there is nothing to wait for.
        unsentBytes = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return unsentBytes != before
    }

    /// The listener is closed: what has no request goes now.
    func drain() {
        guard case .idle = phase else { return }
        phase = .lingering
        closeOnceSent()
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
