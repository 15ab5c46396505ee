import DataPlane
import GatewayCore
import GatewayTestSupport
import Logging
import Routing
import Store
import Testing

/// The background writers: bounded, in order, and finished when the listener ends.
@Suite struct BackgroundWriterTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `Uses of keys that come while a write is under way are written together, the latest of each`() async {
        let source = SlowSource()
        let writer = KeyUseWriter(source: source)
        writer.record(["a": 1])
        async let running: Void = writer.run()
        await source.began(1)
        writer.record(["a": 5, "b": 2])
        writer.record(["a": 3])
        source.goOn()
        writer.finish()
        await running
        #expect(source.touched == [["a": 1], ["a": 5, "b": 2]])
    }

    @Test func `Uses of more keys than fit are dropped`() async {
        let source = SlowSource()
        source.goOn()
        let writer = KeyUseWriter(source: source)
        writer.record(Dictionary(uniqueKeysWithValues: (0..<KeyUseWriter.maxKeys + 10).map { ("\($0)", 1) }))
        writer.finish()
        await writer.run()
        #expect(source.touched.map(\.count) == [KeyUseWriter.maxKeys])
    }

    @Test func `A response is known at once, and written`() async {
        let source = SlowSource()
        source.goOn()
        let writer = StoredResponseWriter(source: source, logger: Self.silent)
        writer.remember(response("r1"))
        #expect(writer.recent["r1"] == response("r1"))
        writer.finish()
        await writer.run()
        #expect(source.remembered == ["r1"])
    }

    @Test func `An id that belongs to another key is not stored`() async {
        let source = SlowSource(owned: ["r1"])
        source.goOn()
        let writer = StoredResponseWriter(source: source, logger: Self.silent)
        writer.remember(response("r1"))
        writer.finish()
        await writer.run()
        #expect(writer.recent["r1"] == nil)
    }

    @Test func `Responses that do not fit into the queue are known here only`() async {
        let source = SlowSource()
        source.goOn()
        let writer = StoredResponseWriter(source: source, logger: Self.silent)
        for number in 0..<StoredResponseWriter.maxWaiting + 10 { writer.remember(response("r\(number)")) }
        let last = "r\(StoredResponseWriter.maxWaiting + 9)"
        #expect(writer.recent[last] != nil)
        writer.finish()
        await writer.run()
        #expect(source.remembered.count == StoredResponseWriter.maxWaiting)
        #expect(!source.remembered.contains(last))
    }

    @Test func `A stop waits for one write of a database that cannot be reached, not for all`() async {
        let source = SlowSource(isDown: true)
        source.goOn()
        let writer = StoredResponseWriter(source: source, logger: Self.silent)
        for number in 0..<100 { writer.remember(response("r\(number)")) }
        writer.finish()
        await writer.run()
        #expect(source.remembered == ["r0"])
    }

    private func response(_ id: String) -> StoredResponse {
        StoredResponse(id: id, owner: .team("t"), route: "m/1", provider: "p")
    }
}

/// A database whose first write waits until the test releases it.
private final class SlowSource: KeySource, StoredResponseSource {
    struct Unreachable: Error {}

    private struct State: Sendable {
        var touched: [[String: Int64]] = []
        var remembered: [String] = []
    }

    private let state = Watched(State())
    private let gate = Gate()
    private let owned: Set<String>
    private let isDown: Bool

    init(owned: Set<String> = [], isDown: Bool = false) {
        self.owned = owned
        self.isDown = isDown
    }

    var touched: [[String: Int64]] { state.value.touched }
    var remembered: [String] { state.value.remembered }

    func goOn() {
        gate.open()
    }

    func began(_ count: Int) async {
        try? await state.wait(for: "\(count) writes", within: .seconds(10)) { $0.touched.count >= count ? () : nil }
    }

    func find(publicID: String) async throws -> KeyRecord? { nil }
    func changeVersion() async throws -> ChangeVersion { ChangeVersion(any: 0, routing: 0) }
    func storedResponse(id: String) async throws -> StoredResponse? { nil }

    func touch(_ lastUsed: [String: Int64]) async throws {
        state.update { $0.touched.append(lastUsed) }
        try await gate.wait(within: .seconds(10))
    }

    func remember(_ response: StoredResponse) async throws -> Bool {
        state.update { $0.remembered.append(response.id) }
        try await gate.wait(within: .seconds(10))
        if isDown { throw Unreachable() }
        return !owned.contains(response.id)
    }
}
