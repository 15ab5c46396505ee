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
    ///
    /// - Parameter taken: timers that do not count, since they were taken at this time already: one that is due again
    ///   at once must not keep the others from their turn. The timer is added to them.
    package mutating func takeDue(_ now: NIODeadline, except taken: inout Set<ConnectionTimer>) -> ConnectionTimer? {
        guard now >= earliest else { return nil }
        var first: Int?
        earliest = .distantFuture
        for index in deadlines.indices {
            earliest = min(earliest, deadlines[index])
            guard deadlines[index] <= now, first.map({ deadlines[index] < deadlines[$0] }) ?? true,
                !taken.contains(ConnectionTimer(index: index))
            else { continue }
            first = index
        }
        guard let first else { return nil }
        deadlines[first] = .distantFuture
        let timer = ConnectionTimer(index: first)
        taken.insert(timer)
        return timer
    }
}
