import GatewayCore
import Synchronization

/// The key records that any event loop has read since the last change of the database: a loop that has not seen a key
/// takes it from here, so that it is known to all of them, also while the database does not answer.
///
/// A loop asks only for what is not in its own cache, so the lock is not on the path of most requests.
final class KnownKeys: Sendable {
    private struct State {
        var records: [String: KeyRecord] = [:]
        var generation = 0
    }

    private let state = Mutex(State())

    /// Increases with each invalidation.
    var generation: Int { state.withLock { $0.generation } }

    subscript(publicID: String) -> KeyRecord? {
        state.withLock { $0.records[publicID] }
    }

    /// - Parameter began: the generation in which the record was read; of an earlier one it is not taken.
    func insert(_ record: KeyRecord, for publicID: String, began: Int) {
        state.withLock { state in
            if state.generation == began { state.records[publicID] = record }
        }
    }

    /// Before the loops are told: what they read from now on is newer than the change.
    func invalidate() {
        state.withLock { state in
            state.generation += 1
            state.records = [:]
        }
    }
}
