import NIOCore
import Providers

/// The durations of all timers: the only place that sets a deadline of a request.
extension ExchangeDriver {
    /// How long the gateway waits for the end of an upstream's body after its last event, to keep the connection.
    private static var endOfBodyGrace: TimeAmount { .seconds(1) }

    func startTimer(_ timer: ExchangeTimer) {
        // What was measured at an earlier stop says nothing about this one.
        if timer == .stall { connection.restartProgress() }
        connection.timers.start(.exchange(timer), at: deadline(of: timer, .now()))
    }

    func startRetryTimer(_ milliseconds: Int) {
        connection.timers.start(.exchange(.retry), at: .now() + .milliseconds(Int64(milliseconds)))
    }

    private func deadline(of timer: ExchangeTimer, _ now: NIODeadline) -> NIODeadline {
        // Not `let settings = loop.settings`: that copies all of them.
        switch timer {
        case .request: startedAt + loop.settings.requestDeadline
        case .body: now + loop.settings.bodyTimeout
        case .wholeBody: now + loop.settings.wholeBodyTimeout
        case .lookup: now + loop.settings.lookupTimeout
        case .attempt: attempt?.deadline ?? .distantFuture
        case .responseHead: attempt.map { min(now + $0.headTimeout, $0.contentDeadline) } ?? .distantFuture
        case .responsePart: attempt.map { min(now + $0.provider.timeouts.idle, $0.contentDeadline) } ?? .distantFuture
        case .endOfBody: now + Self.endOfBodyGrace
        case .streamBuffer: now + loop.settings.streamBufferTimeout
        case .retry: now
        case .stall: connection.progress.movedAt + loop.settings.stallTimeout
        case .keepAlive:
            // Never in the past, as where it could not be sent: it would come before all other timers, again and again.
            (lastSentAt + loop.settings.keepAliveInterval > now ? lastSentAt : now) + loop.settings.keepAliveInterval
        }
    }

    func timerFired(_ timer: ExchangeTimer) {
        let now = NIODeadline.now()
        switch timer {
        case .stall:
            connection.measureProgress(now)
            if connection.isStalled(now) { return handle(.timer(.stall)) }
            connection.timers.start(.exchange(.stall), at: deadline(of: .stall, now))
        case .keepAlive where lastSentAt + loop.settings.keepAliveInterval > now: startTimer(.keepAlive)
        case .request, .body, .wholeBody, .lookup, .attempt, .responseHead, .responsePart, .endOfBody, .streamBuffer,
            .retry,
            .keepAlive:
            handle(.timer(timer))
        }
    }
}
