import DataPlane
import GatewayCore
import GatewayTestSupport
import Providers
import Routing
import Testing
import WireFormats

/// Explanations agree with answers, over random policies and requests.
@Suite(.timeLimit(.minutes(2))) struct ExplainAgreementTests {
    /// Of each operation.
    private static let cases = 1000

    @Test(arguments: APIOperation.allCases)
    func `The explanation agrees with the answer`(operation: APIOperation) async throws {
        var random = SystemRandomNumberGenerator()
        let script: [FakeUpstreamStep] = [.repeating(FakeUpstreamStep.answer(json: operation.answer))]
        var codes: [String: Int] = [:]
        try await withFakeUpstream(script: script) { upstream in
            let setup = GatewaySetup(upstream)
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    for number in 0..<Self.cases {
                        let policy = RandomPolicy(operation, upstream: upstream.port, using: &random)
                        await gateway.server.replaceSnapshot(policy.snapshot)
                        gateway.keys.set(policy.key)
                        await gateway.server.invalidateKeys()
                        policy.storeResponses(in: setup.responses)
                        policy.setHealth(in: setup.health)
                        let explained = policy.explained(setup.health)
                        try await client.send(Requests.post(policy.body, path: "/v1\(operation.family.path)"))
                        let answer = try await client.response(number)
                        codes[explained.code ?? "", default: 0] += 1
                        try check(answer, explained, policy)
                        policy.clearHealth(in: setup.health)
                    }
                }
            }
        }
        // The policies would prove little if they had the same end.
        let expected: Set = [
            "", "api_key_revoked", "api_key_expired", "owner_inactive", "model_not_found", "model_not_allowed",
            "no_route_available", "capability_not_supported", "invalid_request",
        ]
        #expect(expected.union(operation.stateCodes).isSubset(of: codes.keys), "\(codes)")
        #expect(codes["", default: 0] > Self.cases / 25, "\(codes)")
    }

    private func check(_ answer: HTTPMessage, _ explained: Explanation, _ policy: RandomPolicy) throws {
        try #require(answer.status == explained.status, "\(policy)\n\(explained)\n\(answer.text)")
        if answer.status == 200 {
            #expect(explained.code == nil)
            let route = answer.headers("x-gateway-route").first
            let first = explained.routes.filter { $0.odds != nil }.map(\.id)
            #expect(route.map(first.contains) == true, "\(policy)\n\(explained)")
            return
        }
        let error = try answer.errorBody()
        #expect(error.code == explained.code, "\(policy)")
        #expect(error.message == explained.message, "\(policy)")
        // Every dropped route, with its reason, in the caller's message.
        guard error.code == "no_route_available" else { return }
        for route in explained.routes {
            let reason = "\(route.id) (\(route.provider)): \(route.reason ?? "kept")"
            #expect(error.message.contains(reason), "\(policy)")
        }
    }
}

extension APIOperation {
    /// What the upstream answers.
    fileprivate var answer: String {
        switch self {
        case .chat: Answers.completion
        case .responses:
            #"{"id":"resp_new","object":"response","status":"completed","model":"up-model","output":[{"type":"message","#
                + #""role":"assistant","content":[{"type":"output_text","text":"hello"}]}],"usage":{"input_tokens":3,"#
                + #""output_tokens":1,"total_tokens":4}}"#
        case .embeddings:
            #"{"object":"list","model":"up-model","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"#
                + #""usage":{"prompt_tokens":3,"total_tokens":3}}"#
        }
    }

    /// The errors of references to what providers keep, of which embeddings have none.
    fileprivate var stateCodes: Set<String> {
        switch self {
        case .chat: ["unsupported_parameter"]
        case .responses: ["unsupported_parameter", "not_found"]
        case .embeddings: []
        }
    }
}
