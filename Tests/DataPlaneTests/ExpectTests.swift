import DataPlane
import GatewayTestSupport
import NIOCore
import Testing

/// `Expect: 100-continue` (RFC 9110, section 10.1.1): the gateway does not request a body that it will not use.
@Suite(.timeLimit(.minutes(1))) struct ExpectTests {
    private func withClient(
        key: String?, headers: [String], _ check: (RawClient) async throws -> Void
    ) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.maxRequestBodyBytes = 1000 }) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    let all = ["expect: 100-continue", "content-type: application/json"] + headers
                    try await client.send(Requests.head("POST /v1/chat/completions", key: key, headers: all) + "\r\n")
                    try await check(client)
                }
            }
        }
    }

    @Test func `The body is asked for once the key is good`() async throws {
        let body = Requests.chatBody("m")
        try await withClient(key: TestKey.good, headers: ["content-length: \(body.utf8.count)"]) { client in
            let interim = try await client.response(0)
            #expect(interim.head == "HTTP/1.1 100 Continue")
            try await client.send(body)
            let answer = try await client.response(1)
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: [
        (TestKey.unknown, "content-length: 10", 401), (TestKey.good, "content-length: 1001", 413),
    ])
    func `It is not asked for in vain`(key: String, length: String, status: Int) async throws {
        try await withClient(key: key, headers: [length]) { client in
            let answer = try await client.response(0)
            #expect(answer.status == status)
            try await client.end()
        }
    }

    @Test func `A client that does not wait is served too`() async throws {
        let body = Requests.chatBody("m")
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.post(body, headers: ["expect: 100-continue"]))
                    try await client.read(until: "chat.completion")
                    #expect(client.receivedText.contains("HTTP/1.1 200"))
                }
            }
        }
    }
}
