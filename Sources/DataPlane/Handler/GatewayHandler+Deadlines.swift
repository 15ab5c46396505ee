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
            if now >= request.alarm { alarmFired(request) }
            sendKeepAliveIfSilent(request, now: now)
        }
    }

    private func alarmFired(_ request: ActiveRequest) {
        request.alarm = .distantFuture
        event(request.machine.isBufferingStream ? .streamBufferTimedOut : .waitOver)
        flushIfNeeded()
    }

    private func deadlinePassed() {
        switch phase {
        case .receivingHead: context?.close(promise: nil)
        case .idle: idleTooLong()
        case .lingering: closeOnceSent()
        case .busy(let request): tooLate(request)
        }
    }

    private func tooLate(_ request: ActiveRequest) {
        if request.machine.isUpstreamPaused {
            updateUnsentBytes()
            if isClientStalled { event(.deadline) } else { deadline = clientMovedAt + loop.settings.stallTimeout }
        } else if let attempt = request.attempt, attempt.isStreamOver {
            attempt.finishWithoutEndOfBody()
        } else if let attempt = request.attempt, let error = attempt.takeUpstreamError() {
            attempt.fail(error)  // The status is known; only the rest of its body is late.
        } else {
            event(.deadline)
        }
    }

    /// A client that is still reading its last answer is not idle yet.
    private func idleTooLong() {
        let wasSending = unsentBytes > 0
        updateUnsentBytes()
        if unsentBytes == 0, wasSending {
            deadline = .now() + loop.settings.idleTimeout
        } else if unsentBytes == 0 || isClientStalled {
            context?.close(promise: nil)
        } else {
            deadline = .now() + min(loop.settings.idleTimeout, loop.settings.stallTimeout)
        }
    }

    /// Closes, but not over the head of a client that is still reading.
    private func closeOnceSent() {
        updateUnsentBytes()
        if unsentBytes == 0 || isClientStalled {
            context?.close(promise: nil)
        } else {
            deadline = .now() + loop.settings.lingerTimeout
        }
    }

    func updateUnsentBytes() {
        // The option is one that every socket has; without it there is nothing to wait for.
        let unsent = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if unsent != unsentBytes { clientMovedAt = .now() }
        unsentBytes = unsent
    }

    private var isClientStalled: Bool {
        .now() - clientMovedAt >= loop.settings.stallTimeout
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
