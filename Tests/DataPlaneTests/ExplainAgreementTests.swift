import DataPlane
import GatewayCore
import GatewayTestSupport
import Providers
import Routing
import Testing

/// What is explained is what happens, over random policies and requests.
@Suite(.timeLimit(.minutes(2))) struct ExplainAgreementTests {
    @Test func `The explanation agrees with the answer`() async throws {
        var random = SystemRandomNumberGenerator()
        let script: [FakeUpstreamStep] = [.repeating(FakeUpstreamStep.answer(json: Answers.completion))]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    for number in 0..<1000 {
                        let policy = Policy(upstream: upstream.port, using: &random)
                        await gateway.server.replaceSnapshot(policy.snapshot)
                        gateway.keys.set(policy.key)
                        await gateway.server.invalidateKeys()
                        let explained = gateway.server.explain(
                            ExplainRequest(key: policy.key, model: policy.requested, required: policy.required))
                        try await client.send(
                            Requests.post(Requests.chatBody(policy.requested, more: policy.body)))
                        let answer = try await client.response(number)
                        #expect(answer.status == explained.status, "\(policy)")
                        if answer.status == 200 {
                            #expect(explained.code == nil)
                            let route = answer.headers("x-gateway-route").first
                            let first = explained.routes.filter { $0.odds != nil }.map(\.id)
                            #expect(route.map(first.contains) == true, "\(policy)\n\(explained)")
                        } else {
                            let error = try answer.errorBody()
                            #expect(error.code == explained.code, "\(policy)")
                            #expect(error.message == explained.message, "\(policy)")
                            // Every dropped route, with its reason, in the caller's message.
                            if error.code == "no_route_available" {
                                for route in explained.routes {
                                    let reason = "\(route.id) (\(route.provider)): \(route.reason ?? "kept")"
                                    #expect(error.message.contains(reason), "\(policy)")
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A few models, a key and a request, at random.
private struct Policy: CustomStringConvertible {
    let models: [Model]
    let providers: [any Provider]
    let key: KeyRecord
    let requested: String
    let required: CapabilitySet
    let body: String

    var snapshot: DataPlaneSnapshot {
        DataPlaneSnapshot(
            routing: RoutingSnapshot(models: ModelCatalog(models), loadedAt: 0), providers: providers)
    }

    var description: String { "\(requested) \(required.members) \(key) \(models)" }

    init(upstream port: Int, using random: inout some RandomNumberGenerator) {
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        func grant() -> ModelGrant {
            chance(60) ? .all : .listed(Set(["a", "b", "nick", "c"].filter { _ in chance(60) }))
        }
        func route(_ model: String, _ position: Int) -> Route {
            Route(
                id: "\(model)/\(position)",
                provider: ["good", "good", "keyless", "gone"].randomElement(using: &random) ?? "",
                upstreamModel: "up-model", priority: Int.random(in: 0..<3, using: &random),
                weight: [0, 1, 2.5, 9].randomElement(using: &random) ?? 1, isEnabled: chance(80),
                capabilities: chance(70) ? .all : [.chatCompletions])
        }
        func model(_ id: String) -> Model {
            Model(
                id: id, tags: Set(["fast", "cheap"].filter { _ in chance(50) }),
                rank: Int.random(in: 0..<3, using: &random),
                target: .routes((1...Int.random(in: 1...4, using: &random)).map { route(id, $0) }))
        }
        models = [
            model("a"), model("b"), model("c"), Model(id: "nick", tags: ["fast"], rank: 1, target: .alias(of: "b")),
        ]
        providers = [
            GatewaySetup.provider("good", port: port),
            GatewaySetup.provider("keyless", port: port, authentication: .missing("KEY is not set")),
        ]
        let token = TestKey.record(TestKey.good)
        key = KeyRecord(
            id: token.id, publicID: token.publicID, name: "k", owner: .team("core"), isOwnerActive: chance(95),
            grant: grant(), limits: [.init(.team("core"), grant()), .init(.user("ann@example.com"), grant())],
            secrets: token.secrets, createdAt: 0, expiresAt: chance(95) ? nil : 1, revokedAt: chance(95) ? nil : 1)
        requested =
            ["a", "b", "nick", "c", "unknown", "tag:fast", "tag:fast,cheap", "tag:none", "tag:"].randomElement(
                using: &random) ?? "a"
        let tools = chance(30)
        required = tools ? [.chatCompletions, .tools] : [.chatCompletions]
        body = tools ? #","tools":[{"type":"function"}]"# : ""
    }
}
