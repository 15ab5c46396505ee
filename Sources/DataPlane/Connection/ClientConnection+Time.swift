import NIOCore

/// How long the client of a connection may take.
extension ClientConnection {
    /// Called by the loop several times a second.
    func tick(_ now: NIODeadline) {
        probeAgain(now)
        // An empty set takes no memory, and most connections have no timer that is due.
        var taken: Set<ConnectionTimer> = []
        while let timer = timers.takeDue(now, except: &taken) {
            fire(timer, now)
            flushIfNeeded()
        }
    }

    /// Looks whether a client that sends nothing more is still there: it may have left since it was asked last. TLS
    /// says only that it sends nothing more, and hides the end of the connection behind it.
    private func probeAgain(_ now: NIODeadline) {
        guard let probe = nextProbe, now >= probe.at, let busy else { return }
        nextProbe = (now + probe.after * 2, probe.after * 2)
        _ = busy.probeClient()
        flushIfNeeded()
    }

    private func fire(_ timer: ConnectionTimer, _ now: NIODeadline) {
        switch timer {
        case .head: close()
        case .idle: idleTooLong(now)
        case .linger: closeOnceSent(now)
        case .exchange(let timer): busy?.timerFired(timer)
        }
    }

    /// A client that is still reading its last response is not idle yet.
    private func idleTooLong(_ now: NIODeadline) {
        let wasSending = progress.unsentBytes > 0
        measureProgress(now)
        if progress.unsentBytes == 0, wasSending {
            timers.start(.idle, at: now + loop.settings.idleTimeout)
        } else if progress.unsentBytes == 0 || isStalled(now) {
            close()
        } else {
            timers.start(.idle, at: now + min(loop.settings.idleTimeout, loop.settings.stallTimeout))
        }
    }

    /// Closes, but not over the head of a client that is still reading.
    func closeOnceSent(_ now: NIODeadline) {
        measureProgress(now)
        if progress.unsentBytes == 0 || isStalled(now) {
            close()
        } else {
            timers.start(.linger, at: now + loop.settings.lingerTimeout)
        }
    }

    /// Looks how much the client has taken.
    func measureProgress(_ now: NIODeadline) {
        // The option is one that every socket has; without it there is nothing to wait for.
        let unsent = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        progress.measure(unsent, now: now)
    }

    /// The client has stopped taking what it is sent: its time runs from now.
    func restartProgress() {
        let now = NIODeadline.now()
        progress.restart(now: now)
        measureProgress(now)
    }

    func isStalled(_ now: NIODeadline) -> Bool {
        progress.isStalled(now: now, limit: loop.settings.stallTimeout)
    }
}
