import Dispatch
import GatewayCore
import Synchronization

/// Provides sessions, the one that was used last first. Tasks that find none free wait in their order, up to a
/// deadline.
final class PostgresPool: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<PooledConnection, any Error>
    }

    private struct State {
        var idle: [PooledConnection] = []
        var size = 0
        var waiters: [Waiter] = []
        var nextID = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
        /// Sessions that connect without end, and that no task waits for.
        var abandoned: Set<ObjectIdentifier> = []
        /// Of every session that there is.
        var gates: [QueryCanceller] = []
        var watchdog: (any DispatchSourceTimer)?

        var isQuiet: Bool { idle.count + abandoned.count >= size }
    }

    private let state = Mutex(State())
    private let options: PostgresOptions
    private let url: PostgresURL
    private let backoff = ConnectBackoff()

    init(_ url: PostgresURL, _ options: PostgresOptions) {
        self.url = url
        self.options = options
    }

    func transact<Result: Sendable>(
        _ mode: PooledConnection.Mode, within limit: Duration?,
        _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        let session = try await borrow()
        let answer = FirstAnswer<Result>()
        session.gate.open(within: limit) { [self] reason in
            abandon(session)
            let error: any Error =
                reason == .cancelled ? CancellationError() : DatabaseError.timedOut(database: url.masked)
            answer.give(.failure(error))
        }
        Task {  // reason: a session that connects may not end, and is not waited for then
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await session.transact(mode, body)) } catch { result = .failure(error) }
            release(session)
            answer.give(result)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { answer.wait($0) }
        } onCancel: {
            session.gate.cancel()
        }
    }

    private func abandon(_ session: PooledConnection) {
        let closers = state.withLock { state in
            state.abandoned.insert(ObjectIdentifier(session))
            return Self.takeClosers(&state)
        }
        for closer in closers { closer.resume() }
    }

    private static func takeClosers(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.isClosed, state.isQuiet else { return [] }
        defer { state.closers = [] }
        return state.closers
    }

    /// Refuses new work, waits for what runs, and disconnects. A session that connects without end is left behind.
    func close() async {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: DatabaseError.closed) }
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                guard !state.isQuiet else { return true }
                state.closers.append(continuation)
                return false
            }
            if isQuiet { continuation.resume() }
        }
        let sessions = state.withLock { state in
            defer {
                state.idle = []
                state.size = 0
                state.gates = []
                state.watchdog?.cancel()
                state.watchdog = nil
            }
            return state.idle
        }
        for session in sessions { await session.disconnect() }
    }

    /// Looks each second for a session whose time is over: one timer for all is less than one for each transaction.
    private func makeWatchdog() -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: QueryCanceller.deadlines)
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.setEventHandler { [weak self] in
            let gates = self?.state.withLock(\.gates) ?? []
            for gate in gates { gate.expire(at: .now) }
        }
        timer.resume()
        return timer
    }

    deinit { state.withLock { $0.watchdog?.cancel() } }

    private func borrow() async throws -> PooledConnection {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let answer = take(Waiter(id: id, continuation: continuation)) {
                    continuation.resume(with: answer)
                } else if Task.isCancelled {
                    // The handler below may have come before the waiter was in the list.
                    fail(id, CancellationError())
                } else {
                    expire(id)
                }
            }
        } onCancel: {
            fail(id, CancellationError())
        }
    }

    /// A session or a refusal at once; nil if the waiter has to wait.
    private func take(_ waiter: Waiter) -> Result<PooledConnection, any Error>? {
        state.withLock { state in
            if state.isClosed { return .failure(DatabaseError.closed) }
            if let session = state.idle.popLast() { return .success(session) }
            if state.size < options.maxConnections {
                state.size += 1
                let session = PooledConnection(url, options, backoff)
                state.gates.append(session.gate)
                if state.watchdog == nil { state.watchdog = makeWatchdog() }
                return .success(session)
            }
            state.waiters.append(waiter)
            return nil
        }
    }

    private func release(_ session: PooledConnection) {
        let (next, closers) = state.withLock { state -> (Waiter?, [CheckedContinuation<Void, Never>]) in
            state.abandoned.remove(ObjectIdentifier(session))
            guard state.waiters.isEmpty else { return (state.waiters.removeFirst(), []) }
            // One that was left behind by `close` ends here.
            guard state.size > 0 else { return (nil, []) }
            state.idle.append(session)
            return (nil, Self.takeClosers(&state))
        }
        next?.continuation.resume(returning: session)
        for closer in closers { closer.resume() }
    }

    private func expire(_ id: Int) {
        QueryCanceller.deadlines.asyncAfter(deadline: .now() + .milliseconds(options.waitingDeadline.milliseconds)) {
            [weak self] in
            guard let self else { return }
            self.fail(id, DatabaseError.exhausted(database: self.url.masked, connections: self.options.maxConnections))
        }
    }

    private func fail(_ id: Int, _ error: any Error) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(throwing: error)
    }
}
