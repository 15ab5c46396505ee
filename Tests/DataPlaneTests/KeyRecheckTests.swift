import DataPlane
import Egress
import Foundation
import GatewayCore
import GatewayTestSupport
import NIOCore
import Routing
import Testing

/// A key is checked again before its request reaches a provider (docs/api.md, Keys).
@Suite(.timeLimit(.minutes(1))) struct KeyRecheckTests {
    enum Change: Sendable, CaseIterable {
        case revoked, deleted, ownerInactive, unreachable, stale

        func make(in gateway: RunningGateway) async {
            switch self {
            case .revoked: gateway.keys.set(TestKey.record(TestKey.good, revokedAt: 1))
            case .deleted: gateway.keys.remove("goodgood")
            case .ownerInactive: gateway.keys.set(TestKey.record(TestKey.good, isOwnerActive: false))
            case .unreachable: gateway.keys.set(isDown: true)
            case .stale: return await gateway.server.setStale(true)
            }
            await gateway.server.invalidateKeys()
        }

        var code: String {
            switch self {
            case .revoked: "api_key_revoked"
            case .deleted: "invalid_api_key"
            case .ownerInactive: "owner_inactive"
            case .unreachable, .stale: "not_ready"
            }
        }
    }

    /// Sends a chat request but for its last bytes, calls `change`, and sends the rest.
    private func answer(
        _ setup: GatewaySetup, _ change: (RunningGateway) async throws -> Void
    ) async throws -> HTTPMessage {
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let request = Requests.chat(headers: ["expect: 100-continue"])
                let split = try #require(request.range(of: "\r\n\r\n")).upperBound
                try await client.send(String(request[..<split]))
                // The key is known now.
                #expect(try await client.response().status == 100)
                try await change(gateway)
                try await client.send(String(request[split...]))
                return try await client.response(1)
            }
        }
    }

    @Test(arguments: Change.allCases) func `While the body comes in`(change: Change) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            let answer = try await answer(GatewaySetup(upstream)) { await change.make(in: $0) }
            #expect(try answer.errorBody().code == change.code)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func `A key that expires while the body comes in`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            let setup = GatewaySetup(upstream)
            let expiry = WallClock.now() + 1_500_000
            setup.keys.set(TestKey.record(TestKey.good, expiresAt: expiry))
            let answer = try await answer(setup) { _ in
                while WallClock.now() <= expiry { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(try answer.errorBody().code == "api_key_expired")
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func `A change that does not concern the key refuses nothing`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            let answer = try await answer(GatewaySetup(upstream)) { await $0.server.invalidateKeys() }
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: [Change.revoked, .ownerInactive, .unreachable])
    func `Between two attempts`(change: Change) async throws {
        let gate = Gate()
        let failing: [FakeUpstreamStep] =
            [.awaitRequest, .waitFor(gate), .sendHead(503, [("content-length", "2")]), .send("{}")]
        try await withFakeUpstream(script: failing) { first in
            try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { second in
                var setup = GatewaySetup(first) { $0.attempts = AttemptSequence.Limits() }
                setup.providers.append(GatewaySetup.provider("second", port: second.port))
                let routes = ["fake", "second"].enumerated().map { index, provider in
                    Route(id: "m/\(index + 1)", provider: provider, upstreamModel: "up-model", priority: index)
                }
                setup.models = [Model(id: "m", target: .routes(routes))]
                try await withGateway(setup) { gateway in
                    try await withRawClient(port: gateway.port) { client in
                        try await client.send(Requests.chat())
                        _ = try await first.request()
                        await change.make(in: gateway)
                        gate.open()
                        let answer = try await client.response()
                        #expect(try answer.errorBody().code == change.code)
                        #expect(second.requests.isEmpty)
                    }
                }
            }
        }
    }

    /// Each of its parts arrives in time.
    @Test func `A body has a time for all of its parts`() async throws {
        try await withFakeUpstream(script: []) { upstream in
            let setup = GatewaySetup(upstream) { $0.wholeBodyTimeout = .milliseconds(800) }
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    let request = Requests.chat()
                    try await client.send(String(request.dropLast(60)))
                    let trickle = client.trickle(request.suffix(60).dropLast())
                    defer { trickle.cancel() }
                    let answer = try await client.response()
                    #expect(answer.status == 408)
                    #expect(try answer.errorBody().code == "request_timeout")
                }
            }
        }
    }
}
