import GatewayCore
import Operations
import Routing
import Testing

@Suite(.timeLimit(.minutes(1))) struct ExplainServiceTests {
    private static let chat = ModelRequest(operation: .chat, model: "m", required: [.chatCompletions])

    private func service(
        _ fixture: OperationsFixture, health: @escaping @Sendable (Route) -> RouteHealth? = { _ in nil }
    ) -> ExplainService {
        ExplainService(
            fixture.store, routing: { fixture.live.current }, health: health, clock: OperationsFixture.clock)
    }

    private func withKey(_ body: (OperationsFixture, _ key: String) async throws -> Void) async throws {
        try await withOperations { fixture in
            _ = try await fixture.configurationService().reload()
            let (record, _) = try await KeyService(fixture.store).create(
                name: "ci", owner: .systemLegacy, grant: .all, expiresAt: nil,
                actor: AuditActor(kind: .command, name: "ann"))
            try await body(fixture, record.publicID)
        }
    }

    @Test func `A request is decided by the routing in effect`() async throws {
        try await withKey { fixture, key in
            let explanation = try await service(fixture).explain(Self.chat, key: key)
            #expect(explanation.status == 200 && explanation.resolvedModel == "m")
            fixture.live.replace(.empty)
            let after = try await service(fixture).explain(Self.chat, key: "ci")
            #expect(after.status == 404 && after.code == "model_not_found")
        }
    }

    @Test func `The health of the routes is explained`() async throws {
        try await withKey { fixture, key in
            let policy = RouteHealth.Policy(failures: 1, cooldown: 60_000_000)
            var health = RouteHealth()
            health.end(.limited(3_600_000_000), wasProbe: false, at: OperationsFixture.clock(), policy: policy)
            let explanation = try await service(fixture, health: { [health] _ in health }).explain(Self.chat, key: key)
            #expect(explanation.routes.first?.finding.hasPrefix("cools down until 1970-01-01T01:00:01Z") == true)
        }
    }

    @Test func `A previous response is looked up`() async throws {
        try await withKey { fixture, key in
            let request = ModelRequest(
                operation: .responses, model: "m", required: [.responses], previousResponseID: "resp_1")
            let explanation = try await service(fixture).explain(request, key: key)
            #expect(explanation.status == 400, "the route stores no responses")
        }
    }

    @Test func `An unknown key is an error`() async throws {
        try await withKey { fixture, _ in
            await #expect(throws: KeyServiceError.notFound("other")) {
                try await service(fixture).explain(Self.chat, key: "other")
            }
        }
    }
}
