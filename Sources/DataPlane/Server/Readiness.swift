import Synchronization

/// Whether the gateway should be sent requests, and if not quite, which checks say so.
public final class Readiness: Sendable {
    /// A check that is not fine, by the name that `/readyz` gives it. Names only: details are in the log.
    public enum Check: String, Sendable, CaseIterable {
        case database
        /// The schema is older than this gateway, and it was told not to change it.
        case migrationsPending = "migrations_pending"
        /// Nothing was heard from the database for so long that requests are refused.
        case stale
    }

    private struct State {
        var isLoaded: Bool
        var isDraining = false
        var failing: Set<Check> = []
    }

    private let state: Mutex<State>

    /// - Parameter isLoaded: whether there is already all that requests need.
    public init(isLoaded: Bool) {
        state = Mutex(State(isLoaded: isLoaded))
    }

    /// All that requests need is there; from now on a failing check is not the end, but for staleness.
    public func recordLoaded() {
        state.withLock { $0.isLoaded = true }
    }

    /// Notes the outcome of a check.
    public func record(_ check: Check, isFine: Bool) {
        state.withLock { state in
            if isFine { state.failing.remove(check) } else { state.failing.insert(check) }
        }
    }

    /// Whether the gateway is on its way to its end.
    public var isDraining: Bool { state.withLock(\.isDraining) }

    /// The stop has been asked for: load balancers should look elsewhere.
    func beginDraining() {
        state.withLock { $0.isDraining = true }
    }

    /// The answer of `/readyz`: 200 `ready` or `degraded`, 503 `not_ready` or `draining`, each with the names of failing checks.
    func answer() -> (status: Int, body: String) {
        let state = state.withLock { $0 }
        let checks = state.failing.map { "\"\($0.rawValue)\"" }.sorted().joined(separator: ",")
        let canServe = state.isLoaded && !state.failing.contains(.stale)
        let word =
            state.isDraining ? "draining" : !canServe ? "not_ready" : state.failing.isEmpty ? "ready" : "degraded"
        return (canServe && !state.isDraining ? 200 : 503, #"{"status":"\#(word)","failing":[\#(checks)]}"#)
    }
}
