import DataPlane
import Foundation
import GatewayTestSupport
import NIOCore
import Testing

/// The rules of HTTP/1.1 for a request (RFC 9110 and RFC 9112).
@Suite(.timeLimit(.minutes(1))) struct RequestRulesTests {
    private static let authorization = "authorization: Bearer \(TestKey.good)\r\n"

    @Test(arguments: [
        ("GET /v1/models HTTP/1.1\r\n\(authorization)\r\n", 400, "invalid_request"),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400, "invalid_request"),
        ("GET /v1/models HTTP/1.1\r\nhost: a\r\nhost: b\r\n\(authorization)\r\n", 400, "invalid_request"),
        ("POST /v1/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "not_implemented"),
        (
            "POST /v1/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            501, "not_implemented"
        ),
        ("POST /v1/x HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400, "invalid_request"),
    ])
    func `What breaks the rules is refused`(request: String, status: Int, code: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let answer = try await gateway.answer(to: request)
            #expect(answer.status == status, "\(request)")
            #expect(try answer.errorBody().code == code)
        }
    }

    @Test(arguments: [
        "GET /v1/models/m HTTP/1.1\r\nhost: x\r\n\(authorization.dropLast(1))  \r\n\r\n",
        "GET /v1/models/m HTTP/1.1\r\nhost: x \t\r\nx-api-key:\t\(TestKey.good)\t \r\n\r\n",
        "GET http://gateway.test/v1/models/m HTTP/1.1\r\nhost: gateway.test\r\n\(authorization)\r\n",
        "GET HTTPS://user@gateway.test:443/v1/models/m?x=y HTTP/1.1\r\nhost: other\r\n\(authorization)\r\n",
        "GET /v1/models/m HTTP/1.0\r\n\(authorization)\r\n",
    ])
    func `What obeys them is answered`(request: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let answer = try await gateway.answer(to: request)
            #expect(answer.status == 200, "\(request)")
            #expect(answer.text.contains(#""id":"m""#))
        }
    }

    @Test(arguments: ["http://gateway.test", "http://gateway.test?x=/v1/models"])
    func `An absolute target without a path is the root`(target: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let answer = try await gateway.answer(
                to: "GET \(target) HTTP/1.1\r\nhost: gateway.test\r\n\(Self.authorization)\r\n")
            #expect(answer.status == 404)
        }
    }

    /// RFC 9110, section 5.5.
    @Test func `White space after the length of a body is no part of it`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let request = Requests.chat().replacing("content-length: ", with: "content-length:  ")
                    .replacing("\r\n\r\n", with: "  \r\n\r\n")
                let answer = try await gateway.answer(to: request)
                #expect(answer.status == 200)
            }
        }
    }

    /// An upstream's values have none either.
    @Test func `White space after the values of an upstream is no part of them`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest,
            .sendHead(429, [("retry-after", "7  "), ("content-type", "application/json \t"), ("content-length", "2")]),
            .send("{}"),
        ]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.headers("retry-after") == ["7"])
            }
        }
    }

    /// After a request with `Connection: close` the decoder takes nothing more; the request is answered all the same.
    @Test func `What follows the last request does not end it`() async throws {
        let gate = Gate()
        let setup = GatewaySetup(upstreamPort: 1)
        setup.keys.hold(at: gate)
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let last = Requests.head("GET /v1/models", headers: ["connection: close"]) + "\r\n"
                // Several reads, at once.
                try await client.send(last + String(repeating: Requests.get("/v1/models"), count: 200))
                try await setup.keys.lookups(atLeast: 1)
                gate.open()
                let answer = try await client.response()
                #expect(answer.status == 200)
            }
        }
    }

    // MARK: Half-closed connections

    @Test(arguments: [false, true])
    func `A client that ends its side after its request gets its answer`(isStream: Bool) async throws {
        let gate = Gate()
        let script =
            [.awaitRequest, .waitFor(gate)]
            + (isStream ? Answers.stream : FakeUpstreamStep.answer(json: Answers.completion)).dropFirst()
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: isStream))
                    _ = try await upstream.request()
                    try await client.halfClose()
                    // Answered after the end of the client's side was noticed.
                    try await client.read(until: "HTTP/1.1 100")
                    gate.open()
                    let answer = try await client.response(1)
                    #expect(answer.status == 200)
                    #expect(isStream ? answer.events.last == "[DONE]" : answer.text.contains("hello"))
                    try await client.end()
                }
            }
        }
    }

    @Test func `Each request before the end of the client's side is answered`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(
                    Requests.get("/v1/models/m") + Requests.get("/healthz") + Requests.get("/v1/models"))
                try await client.halfClose()
                try await client.end()
                let text = client.receivedText
                #expect(text.components(separatedBy: "HTTP/1.1 200").count == 4, "\(text)")
            }
        }
    }

    @Test(arguments: [
        "", "GET /v1/models HTTP/1.1\r\nhos",
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab",
    ])
    func `A client that ends its side before its request is complete gets nothing`(sent: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                if !sent.isEmpty { try await client.send(sent) }
                try await client.halfClose()
                try await client.end()
            }
            let next = try await gateway.answer(to: Requests.get("/v1/models"))
            #expect(next.status == 200)
        }
    }
}
