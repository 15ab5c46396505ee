import GatewayCore
import GatewayTestSupport
import Routing
import Store

/// Keys by their public ids, from a database that may be slow or unreachable.
final class FakeKeySource: KeySource {
    struct Unreachable: Error {}

    private struct State: Sendable {
        var records = Dictionary(uniqueKeysWithValues: TestKey.records.map { ($0.publicID, $0) })
        var isDown = false
        var lookups: [String] = []
        var gate: Gate?
    }

    private let state = Watched(State())

    /// The public ids of all look-ups so far.
    var lookups: [String] { state.value.lookups }

    func set(_ record: KeyRecord) {
        state.update { $0.records[record.publicID] = record }
    }

    func remove(_ publicID: String) {
        state.update { $0.records[publicID] = nil }
    }

    func set(isDown: Bool) {
        state.update { $0.isDown = isDown }
    }

    /// Every look-up waits at `gate`.
    func hold(at gate: Gate) {
        state.update { $0.gate = gate }
    }

    /// Waits until this number of look-ups has started.
    func lookups(atLeast count: Int) async throws {
        try await state.wait(for: "\(count) look-ups", within: .seconds(10)) { $0.lookups.count >= count ? () : nil }
    }

    /// Waits until this number of look-ups of one key has started.
    func lookup(of publicID: String, atLeast count: Int) async throws {
        try await state.wait(for: "look-up of \(publicID)", within: .seconds(10)) { state in
            state.lookups.count { $0 == publicID } >= count ? () : nil
        }
    }

    func find(publicID: String) async throws -> KeyRecord? {
        let gate = state.update { state in
            state.lookups.append(publicID)
            return state.gate
        }
        try await gate?.wait(within: .seconds(60))
        let state = state.value
        if state.isDown { throw Unreachable() }
        return state.records[publicID]
    }

    func touch(_ lastUsed: [String: Int64]) async throws {}

    func changeVersion() async throws -> ChangeVersion { ChangeVersion(any: 0, routing: 0) }
}

/// Stored responses, in memory.
final class FakeResponseSource: StoredResponseSource {
    private let kept = Watched<[String: StoredResponse]>([:])

    /// Only these are stored from now on.
    func set(_ responses: [String: StoredResponse]) {
        kept.update { $0 = responses }
    }

    func storedResponse(id: String) async throws -> StoredResponse? { kept.value[id] }

    func remember(_ response: StoredResponse) async throws -> Bool {
        kept.update { $0[response.id] = $0[response.id] ?? response }
        return kept.value[response.id]?.owner == response.owner
    }
}
