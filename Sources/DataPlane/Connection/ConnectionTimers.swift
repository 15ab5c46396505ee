package import NIOCore

/// The deadlines of one connection, as a value: the caller passes the time.
///
/// The event loop checks all of its connections several times a second, which costs less than a scheduled task per
/// deadline. Starting a timer stores a number.
package struct ConnectionTimers: Sendable {
    private var deadlines = InlineArray<15, NIODeadline>(repeating: .distantFuture)
    /// A lower bound of all deadlines; after a timer was stopped, the next deadline may be later.
    private var earliest = NIODeadline.distantFuture

    package init() {
        assert(deadlines.count == ConnectionTimer.count)
    }

    /// Starts or restarts a timer.
    package mutating func start(_ timer: ConnectionTimer, at deadline: NIODeadline) {
        deadlines[timer.index] = deadline
        if deadline < earliest { earliest = deadline }
    }

    package mutating func stop(_ timer: ConnectionTimer) {
        deadlines[timer.index] = .distantFuture
    }

    package mutating func stopExchangeTimers() {
        for timer in ExchangeTimer.allCases { stop(.exchange(timer)) }
    }

    /// Stops and returns the timer whose deadline passed first; nil if no deadline has passed.
    package mutating func takeDue(_ now: NIODeadline) -> ConnectionTimer? {
        guard now >= earliest else { return nil }
        var first = 0
        for index in deadlines.indices where deadlines[index] < deadlines[first] { first = index }
        earliest = deadlines[first]
        guard now >= earliest else { return nil }
        deadlines[first] = .distantFuture
        return ConnectionTimer(index: first)
    }
}
