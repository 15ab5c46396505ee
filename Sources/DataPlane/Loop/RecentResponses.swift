package import GatewayCore
import Synchronization

/// The latest stored responses of this gateway: a caller may refer to one before it is in the database.
package final class RecentResponses: Sendable {
    private struct State {
        var byID: [String: StoredResponse] = [:]
        var order: [String] = []
    }

    private static let limit = 4096

    private let state = Mutex(State())

    package subscript(id: String) -> StoredResponse? {
        state.withLock { $0.byID[id] }
    }

    /// The first owner of an id stays.
    func insert(_ response: StoredResponse) {
        state.withLock { state in
            guard state.byID[response.id] == nil else { return }
            state.byID[response.id] = response
            state.order.append(response.id)
            guard state.order.count > Self.limit else { return }
            // Half at once, so that this happens rarely.
            for id in state.order.prefix(Self.limit / 2) { state.byID[id] = nil }
            state.order.removeFirst(Self.limit / 2)
        }
    }

    /// The id belongs to another owner.
    func remove(_ response: StoredResponse) {
        state.withLock { state in
            if state.byID[response.id] == response { state.byID[response.id] = nil }
        }
    }
}
