import Dispatch
import Synchronization

/// A wait in a test that took too long, with its subject.
public struct WaitTimeout: Error, CustomStringConvertible {
    /// The subject of the wait, and the time limit.
    public let description: String
}

/// State that tests can wait for: an update resumes the waiters whose condition it fulfils. No polling, no sleeping.
public final class Watched<State: Sendable>: Sendable {
    private struct Waiter: Sendable {
        /// Checks the state, and resumes the waiter if it fulfils the condition.
        let check: @Sendable (State) -> Bool
        let fail: @Sendable (any Error) -> Void
    }

    private struct Content: Sendable {
        var state: State
        var waiters: [Int: Waiter] = [:]
        var nextID = 0
        var cancelled: Set<Int> = []
    }

    private let content: Mutex<Content>

    /// Starts with `state`.
    public init(_ state: State) {
        content = Mutex(Content(state: state))
    }

    /// The state now.
    public var value: State {
        content.withLock { $0.state }
    }

    /// Changes the state.
    public func update<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        content.withLock { content in
            let result = change(&content.state)
            for (id, waiter) in content.waiters where waiter.check(content.state) {
                content.waiters[id] = nil
            }
            return result
        }
    }

    /// Waits until `find` finds something in the state.
    ///
    /// - Parameters:
    ///   - timeout: The time limit; then this throws `WaitTimeout`, whose text names `subject`.
    /// - Throws: `WaitTimeout`; `CancellationError`.
    public func wait<Found: Sendable>(
        for subject: String, within timeout: Duration, _ find: @escaping @Sendable (State) -> Found?
    ) async throws -> Found {
        let id = content.withLock { content in
            content.nextID += 1
            return content.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(
                    check: { state in
                        guard let found = find(state) else { return false }
                        continuation.resume(returning: found)
                        return true
                    },
                    fail: { continuation.resume(throwing: $0) })
                register(waiter, id: id)
                let milliseconds = Int(timeout / .milliseconds(1))
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
                    self?.give(up: id, WaitTimeout(description: "no \(subject) within \(timeout)"))
                }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func register(_ waiter: Waiter, id: Int) {
        let isCancelled = content.withLock { content in
            if waiter.check(content.state) { return false }
            if content.cancelled.remove(id) != nil { return true }
            content.waiters[id] = waiter
            return false
        }
        if isCancelled { waiter.fail(CancellationError()) }
    }

    private func cancel(_ id: Int) {
        let waiter = content.withLock { content in
            guard let waiter = content.waiters.removeValue(forKey: id) else {
                content.cancelled.insert(id)
                return Waiter?.none
            }
            return waiter
        }
        waiter?.fail(CancellationError())
    }

    private func give(up id: Int, _ error: WaitTimeout) {
        let waiter = content.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.fail(error)
    }
}
