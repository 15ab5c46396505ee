import Dispatch
import Glibc
import Synchronization

/// Between a task, which may be cancelled or run out of time at any moment, and the session that works for it.
final class QueryCanceller: Sendable {
    /// How long the server has to stop a statement when it is asked to. One that is silent is not waited for.
    private static let patience = DispatchTimeInterval.seconds(2)

    /// Where deadlines are looked at. Not a global queue: its few threads, which are those of all Swift tasks too, may
    /// be waiting for servers that are silent.
    static let deadlines = DispatchQueue(label: "postgres.deadlines")
    /// Asking the server to stop blocks for as long as it is silent, so each session has a thread of its own for it.
    private let requests = DispatchQueue(label: "postgres.cancel")

    /// Why a task does not wait for its session any longer.
    enum GivenUp { case cancelled, expired }

    private struct State {
        /// Rises with each task, so that what is late does not meet the next one.
        var task = 0
        var isOpen = false
        var isCancelled = false
        var isExpired = false
        var deadline: ContinuousClock.Instant?
        var handle: CancelHandle?
        /// Of the connection; nil while there is none.
        var socket: Int32?
        var isConnecting = false
        var giveUp: (@Sendable (GivenUp) -> Void)?

        mutating func takeGiveUp() -> (@Sendable (GivenUp) -> Void)? {
            guard isOpen, isConnecting else { return nil }
            defer { giveUp = nil }
            return giveUp
        }

        /// Ends the connection under libpq, which then stops waiting for a server that says nothing.
        func cutOff() {
            if let socket { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private let state = Mutex(State())

    /// A task takes the session; it has `limit` for all that it does.
    ///
    /// - Parameter giveUp: called where the task must end before the session does, at most once. It changes nothing any
    ///   more then.
    func open(within limit: Duration?, giveUp: @escaping @Sendable (GivenUp) -> Void) {
        state.withLock { state in
            state.task += 1
            state.isOpen = true
            state.isCancelled = false
            state.isExpired = false
            state.deadline = limit.map { .now + $0 }
            state.giveUp = giveUp
        }
    }

    /// The session begins to connect, which nothing ends: the name of a host is looked up without a limit.
    /// - Returns: false if its task has ended.
    func beginConnecting() -> Bool {
        state.withLock { state in
            state.isConnecting = !state.isCancelled && !state.isExpired
            return state.isConnecting
        }
    }

    /// Gives the connection up if the task's time is over. To be asked now and then.
    func expire(at now: ContinuousClock.Instant) {
        let giveUp = state.withLock { state -> (@Sendable (GivenUp) -> Void)? in
            guard state.isOpen, let deadline = state.deadline, now >= deadline else { return nil }
            state.isExpired = true
            state.cutOff()
            return state.takeGiveUp()
        }
        giveUp?(.expired)
    }

    /// The session is done with the task; whether its connection may still hear of that. What comes later does nothing.
    func close() -> Bool {
        state.withLock {
            $0.isOpen = false
            $0.giveUp = nil
            return $0.isCancelled || $0.isExpired
        }
    }

    /// The session has another connection, or none. One that comes too late for its task is cut off at once.
    func attach(_ handle: CancelHandle?, socket: Int32?) {
        state.withLock { state in
            state.isConnecting = false
            state.handle = handle
            state.socket = socket
            if state.isOpen, state.isCancelled || state.isExpired { state.cutOff() }
        }
    }

    var isCancelled: Bool {
        state.withLock(\.isCancelled)
    }

    /// Whether the time was over before the server answered.
    var isExpired: Bool {
        state.withLock(\.isExpired)
    }

    /// Stops the statement that runs, and lets no other begin.
    func cancel() {
        let (isOpen, task, giveUp) = state.withLock {
            $0.isCancelled = $0.isOpen
            return ($0.isOpen, $0.task, $0.takeGiveUp())
        }
        guard isOpen else { return }
        giveUp?(.cancelled)
        repeatUntilClosed()
        Self.deadlines.asyncAfter(deadline: .now() + Self.patience) { [weak self] in self?.cutOff(task) }
    }

    /// A request that comes just before its statement is ignored by the server, so it is repeated.
    private func repeatUntilClosed() {
        requests.async {
            let handle = self.state.withLock { $0.isOpen && $0.isCancelled ? $0.handle : nil }
            guard let handle else { return }
            handle.send()
            self.requests.asyncAfter(deadline: .now() + .milliseconds(100)) { self.repeatUntilClosed() }
        }
    }

    private func cutOff(_ task: Int) {
        state.withLock { state in
            if state.isOpen, state.task == task { state.cutOff() }
        }
    }
}
