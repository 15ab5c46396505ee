import Synchronization

/// Keeps a server that cannot be reached from being asked by every transaction: they fail at once with the last reason,
/// while one attempt after another is made, 50 ms apart at first and 1 s at most.
final class ConnectBackoff: Sendable {
    private struct State {
        var failures = 0
        var refusesUntil: ContinuousClock.Instant?
        var lastError: DatabaseError?
    }

    private let state = Mutex(State())

    /// Throws the last error while it is too early for another attempt. Otherwise the caller is to make one.
    func admit() throws(DatabaseError) {
        let error: DatabaseError? = state.withLock { state in
            guard let until = state.refusesUntil, ContinuousClock.now < until else { return nil }
            return state.lastError
        }
        if let error { throw error }
    }

    func succeeded() {
        state.withLock { $0 = State() }
    }

    func failed(_ error: DatabaseError) {
        state.withLock { state in
            let longest = min(50 << min(state.failures, 5), 1000)
            state.failures += 1
            state.lastError = error
            state.refusesUntil = .now + .milliseconds(Int.random(in: longest / 2...longest))
        }
    }
}
