import Synchronization

/// The readiness of the gateway, with its failing checks.
public final class Readiness: Sendable {
    /// A failing check, by its name in `/readyz`. Names only: the log has the details.
    public enum Check: String, Sendable, CaseIterable {
        case database
        /// The schema is older than this gateway, which must not change it.
        case migrationsPending = "migrations_pending"
        /// The database was unreachable for so long that the gateway refuses requests.
        case stale
        /// The journal takes no entries: requests that would need one are refused.
        case journal
    }

    /// What the journal has that the database does not.
    public struct JournalBacklog: Sendable, Hashable {
        public let pendingBytes: Int
        /// How long ago the oldest attempt ended that waits; zero if none does.
        public let pendingAge: Duration
    }

    private struct State {
        var isLoaded: Bool
        var isDraining = false
        var failing: Set<Check> = []
        var journal: JournalBacklog?
    }

    private let state: Mutex<State>

    /// - Parameter isLoaded: whether all data for requests is loaded.
    public init(isLoaded: Bool) {
        state = Mutex(State(isLoaded: isLoaded))
    }

    /// All data for requests is loaded; from now on a failing check other than staleness does not make the gateway
    /// unready.
    public func recordLoaded() {
        state.withLock { $0.isLoaded = true }
    }

    /// Records the outcome of a check.
    public func record(_ check: Check, isFine: Bool) {
        state.withLock { state in
            if isFine { state.failing.remove(check) } else { state.failing.insert(check) }
        }
    }

    /// Records what the journal has that the database does not.
    /// - Parameter pendingAge: nil if nothing waits.
    public func recordJournal(pendingBytes: Int, pendingAge: Duration?) {
        state.withLock { $0.journal = JournalBacklog(pendingBytes: pendingBytes, pendingAge: pendingAge ?? .zero) }
    }

    /// As recorded last; nil without a journal.
    public var journal: JournalBacklog? { state.withLock(\.journal) }

    /// Whether all data for requests is loaded.
    public var isLoaded: Bool { state.withLock(\.isLoaded) }

    /// Whether the gateway is stopping.
    public var isDraining: Bool { state.withLock(\.isDraining) }

    /// Marks the start of a stop: load balancers should use other gateways.
    public func beginDraining() {
        state.withLock { $0.isDraining = true }
    }

    /// The state as `/readyz` tells it.
    public enum Summary: String, Sendable {
        case ready
        /// Serves, although a check fails.
        case degraded
        case notReady = "not_ready"
        case draining
    }

    /// The state, and the failing checks by name.
    public var summary: (Summary, failing: [Check]) {
        let state = state.withLock { $0 }
        let canServe = state.isLoaded && !state.failing.contains(.stale)
        let summary: Summary =
            if state.isDraining { .draining } else if !canServe { .notReady } else {
                state.failing.isEmpty ? .ready : .degraded
            }
        return (summary, state.failing.sorted { $0.rawValue < $1.rawValue })
    }
}
