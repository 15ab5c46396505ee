import Dispatch
import Synchronization

/// Between a task, which may be cancelled at any time, and the session that works for it.
final class CancelGate: Sendable {
    private struct State {
        var isOpen = false
        var isCancelled = false
        var handle: CancelHandle?
    }

    private let state = Mutex(State())

    /// A task takes the session.
    func open() {
        state.withLock {
            $0.isOpen = true
            $0.isCancelled = false
        }
    }

    /// The session is done with the task; whether it has been cancelled by then. What is cancelled later does nothing.
    func close() -> Bool {
        state.withLock {
            $0.isOpen = false
            return $0.isCancelled
        }
    }

    /// The session has another connection.
    func attach(_ handle: CancelHandle?) {
        state.withLock { $0.handle = handle }
    }

    var isCancelled: Bool {
        state.withLock { $0.isCancelled }
    }

    /// Stops the statement that runs, and lets no other begin.
    func cancel() {
        let isOpen = state.withLock {
            $0.isCancelled = $0.isOpen
            return $0.isOpen
        }
        if isOpen { repeatUntilClosed() }
    }

    /// A request that comes just before its statement is ignored by the server, so it is repeated.
    private func repeatUntilClosed() {
        DispatchQueue.global().async {
            let handle = self.state.withLock { $0.isOpen && $0.isCancelled ? $0.handle : nil }
            guard let handle else { return }
            handle.send()
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { self.repeatUntilClosed() }
        }
    }
}
