import Dispatch
import Synchronization

/// A wait in a test that took too long, with what was waited for.
public struct WaitTimeout: Error, CustomStringConvertible {
    /// What did not come, and within which time.
    public let description: String
}

/// State that tests can wait on: an update wakes every task that waits for what it brought about. No polling, no
/// sleeping.
public final class Watched<State: Sendable>: Sendable {
    /// A waiter is resumed outside the lock: resuming a task takes its lock, which a cancellation holds while it takes
    /// this one.
    private struct Waiter: Sendable {
        /// What resumes the waiter, if the state shows what was waited for.
        let resumption: @Sendable (State) -> (@Sendable () -> Void)?
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
        let (result, resumptions) = content.withLock { content in
            let result = change(&content.state)
            var resumptions: [@Sendable () -> Void] = []
            for (id, waiter) in content.waiters {
                guard let resumption = waiter.resumption(content.state) else { continue }
                resumptions.append(resumption)
                content.waiters[id] = nil
            }
            return (result, resumptions)
        }
        for resume in resumptions { resume() }
        return result
    }

    /// Waits until `find` finds something in the state.
    ///
    /// - Parameters:
    ///   - timeout: After this, `WaitTimeout` is thrown, whose text names `subject`.
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
                    resumption: { state in
                        guard let found = find(state) else { return nil }
                        return { continuation.resume(returning: found) }
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
        let resumption: (@Sendable () -> Void)? = content.withLock { content in
            if let resumption = waiter.resumption(content.state) { return resumption }
            if content.cancelled.remove(id) != nil { return { waiter.fail(CancellationError()) } }
            content.waiters[id] = waiter
            return nil
        }
        resumption?()
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
