import DataPlane
import GatewayTestSupport
import NIOCore
import Testing

/// Several requests on one connection of a client.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    @Test func `Pipelined requests are answered in their order`() async throws {
        let gate = Gate()
        let script: [FakeUpstreamStep] =
            [
                .awaitRequest, .waitFor(gate),
                .sendHead(200, [("content-length", String(Answers.completion.utf8.count))]),
                .send(Answers.completion),
            ] + FakeUpstreamStep.answer(json: Answers.completion)
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    let ids = (0..<6).map { "x-request-id: id-\($0)" }
                    try await client.send(
                        Requests.chat(headers: [ids[0]]) + Requests.head("GET /v1/models", headers: [ids[1]]) + "\r\n"
                            + Requests.chat("ghost", headers: [ids[2]]) + Requests.get("/healthz", key: nil)
                            + Requests.chat("vendor/second", headers: [ids[4]])
                            + Requests.head("GET /v1/models/m", headers: [ids[5]]) + "\r\n")
                    _ = try await upstream.request()
                    #expect(client.received.isEmpty)
                    gate.open()
                    _ = try await client.response(5)
                    var answers: [HTTPMessage] = []
                    for index in 0..<6 { answers.append(try await client.response(index)) }
                    #expect(answers.map(\.status) == [200, 200, 404, 200, 200, 200])
                    let echoed = answers.flatMap { $0.headers("x-request-id") }
                    #expect(echoed == ["id-0", "id-1", "id-2", "id-4", "id-5"])
                    #expect(answers[4].text.contains(#""model":"vendor/second""#))
                    #expect(upstream.connections.count == 1)
                }
            }
        }
    }

    @Test func `The connection is kept after an answer and after a refusal`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let requests = [
                    (Requests.chat("ghost"), 404), (Requests.get("/v1/models"), 200),
                    (Requests.get("/v1/models/ghost"), 404),
                    (Requests.get("/readyz", key: nil), 200), (Requests.post("{"), 400),
                    (Requests.get("/v1/nothing"), 404),
                    (Requests.get("/v1/models"), 200),
                ]
                for (index, (request, status)) in requests.enumerated() {
                    try await client.send(request)
                    let answer = try await client.response(index)
                    #expect(answer.status == status)
                    #expect(answer.headers("connection").isEmpty)
                }
            }
        }
    }

    @Test func `A client that wants to close is let go`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            for request in [
                Requests.head("GET /v1/models", headers: ["connection: close"]) + "\r\n",
                Requests.get("/v1/models").replacing("HTTP/1.1", with: "HTTP/1.0"),
            ] {
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(request)
                    let answer = try await client.response()
                    #expect(answer.status == 200)
                    #expect(answer.headers("connection") == ["close"])
                    try await client.end()
                }
            }
        }
    }

    /// HTTP/1.0 has no chunks: the stream ends with the connection.
    @Test func `A stream for an old client has no chunks`() async throws {
        try await withFakeUpstream(script: Answers.stream) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let request = Requests.chat(stream: true).replacing("HTTP/1.1", with: "HTTP/1.0")
                let answer = try await gateway.answer(to: request)
                #expect(answer.headers("transfer-encoding").isEmpty)
                #expect(answer.events.count == 3)
            }
        }
    }

    @Test func `Malformed bytes behind a request do not spoil its answer`() async throws {
        let gate = Gate()
        let script: [FakeUpstreamStep] =
            [.awaitRequest, .waitFor(gate)]
            + [.sendHead(200, [("content-length", String(Answers.completion.utf8.count))]), .send(Answers.completion)]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat() + "nonsense\r\n\r\n")
                    _ = try await upstream.request()
                    gate.open()
                    let first = try await client.response(0)
                    #expect(first.status == 200)
                    let second = try await client.response(1)
                    #expect(second.status == 400)
                    try await client.end()
                }
            }
        }
    }

    /// RFC 9110, section 9.3.2: an answer to HEAD has no body, which the client would read as the next answer.
    @Test(arguments: ["/healthz", "/readyz", "/v1/models", "/v1/nothing"])
    func `An answer to HEAD has no body`(path: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get(path, method: "HEAD") + Requests.get("/v1/models/m"))
                let text = try await client.read(until: #""id":"m""#)
                let afterTheHead = try #require(text.split(separator: "\r\n\r\n").dropFirst().first)
                #expect(afterTheHead.hasPrefix("HTTP/1.1 200"), "\(text)")
            }
        }
    }
}
