import GatewayTestSupport
import Operations
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReplicaServiceTests {
    private func status(of id: String, in store: GatewayStore) async throws -> ReplicaStatus? {
        try await store.replicas.list().first { $0.description.id == id }?.status
    }

    /// Waits for a heartbeat by the log of the warning that follows it.
    private func run(_ fixture: OperationsFixture, isDraining: Bool = false, _ body: () async throws -> Void)
        async throws
    {
        let service = ReplicaService(
            fixture.store, describe: { .test("mine", hash: "a") }, isDraining: { isDraining },
            interval: .milliseconds(10), logger: fixture.log.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await service.run() }
            try await body()
            tasks.cancelAll()
        }
    }

    private func warning(_ fixture: OperationsFixture) async throws -> String {
        try await fixture.log.lines.wait(for: "warning", within: .seconds(10)) { lines in
            lines.first { $0.hasPrefix("warning: Gateways with another configuration file") }
        }
    }

    @Test func `Gateways with another file are named, once`() async throws {
        try await withOperations { fixture in
            try await fixture.store.replicas.sendHeartbeat(.test("other", hash: "b"), status: .serving)
            try await fixture.store.replicas.sendHeartbeat(.test("same", hash: "a"), status: .serving)
            try await fixture.store.replicas.sendHeartbeat(.test("gone", hash: "b"), status: .stopped)
            try await run(fixture) {
                let line = try await warning(fixture)
                #expect(line.hasSuffix("gateways=other-host:7"))
                let status = try await status(of: "mine", in: fixture.store)
                #expect(status == .serving)
            }
            #expect(fixture.log.lines.value.count == 1)
        }
    }

    @Test func `A stop is reported, although the task is cancelled`() async throws {
        try await withOperations { fixture in
            try await fixture.store.replicas.sendHeartbeat(.test("other", hash: "b"), status: .serving)
            try await run(fixture, isDraining: true) {
                _ = try await warning(fixture)
                let status = try await status(of: "mine", in: fixture.store)
                #expect(status == .draining)
            }
            let statusAfter = try await status(of: "mine", in: fixture.store)
            #expect(statusAfter == .stopped)
        }
    }
}

extension ReplicaDescription {
    static func test(_ id: String, hash: String = "a") -> ReplicaDescription {
        ReplicaDescription(
            id: id, host: "\(id)-host", processID: 7, gatewayVersion: "test", configurationHash: hash)
    }
}
