import DataPlane
import GatewayCore
import GatewayTestSupport
import NIOCore
import Testing

/// The limits of the gateway.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    @Test func `Requests at once`() async throws {
        let gate = Gate()
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .waitFor(gate), .sendHead(200, [("content-length", String(Answers.completion.utf8.count))]),
            .send(Answers.completion),
        ]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.maxConcurrentRequests = 1 }) { gateway in
                try await withRawClient(port: gateway.port) { first in
                    try await first.send(Requests.chat())
                    _ = try await upstream.request()
                    let refused = try await gateway.answer(to: Requests.get("/v1/models"))
                    #expect(refused.status == 503)
                    #expect(try refused.errorBody().code == "overloaded")
                    #expect(refused.headers("retry-after") == ["1"])
                    // Probes must work under load, so they are not counted.
                    let probe = try await gateway.answer(to: Requests.get("/healthz", key: nil))
                    #expect(probe.status == 200)
                    gate.open()
                    let answer = try await first.response()
                    #expect(answer.status == 200)
                }
                let next = try await gateway.answer(to: Requests.get("/v1/models"))
                #expect(next.status == 200, "the place is free again")
            }
        }
    }

    @Test(arguments: [false, true]) func `The size of a body`(isChunked: Bool) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1) { $0.maxRequestBodyBytes = 1000 }) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let length = isChunked ? "transfer-encoding: chunked" : "content-length: 1001"
                try await client.send(Requests.head("POST /v1/chat/completions", headers: [length]) + "\r\n")
                if isChunked {
                    for _ in 0..<2 { try await client.send("1f5\r\n" + String(repeating: " ", count: 501) + "\r\n") }
                }
                let answer = try await client.response()
                #expect(answer.status == 413)
                #expect(try answer.errorBody().code == "request_too_large")
                #expect(answer.headers("connection") == ["close"])
                try await client.end()
            }
        }
    }

    @Test(arguments: [false, true]) func `A body of just the limit passes`(isChunked: Bool) async throws {
        let body = Requests.chatBody("m", more: #","x":"\#(String(repeating: "x", count: 800))""#)
        let size = body.utf8.count
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.maxRequestBodyBytes = size }) { gateway in
                let chunked =
                    Requests.head("POST /v1/chat/completions", headers: ["transfer-encoding: chunked"])
                    + "\r\n\(String(size, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
                let answer = try await gateway.answer(to: isChunked ? chunked : Requests.post(body))
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `The size of headers`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let huge = "x-huge: " + String(repeating: "x", count: 100_000)
            let answer = try await gateway.answer(to: Requests.head("GET /v1/models", headers: [huge]) + "\r\n")
            #expect(answer.status == 431)
            #expect(try answer.errorBody().code == "headers_too_large")
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /v1/models HTTP/1.1\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n",
    ])
    func `What is not HTTP`(bytes: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(bytes)
                let answer = try await client.response()
                #expect(answer.status == 400)
                #expect(try answer.errorBody().code == "invalid_request")
                try await client.end()
            }
            let next = try await gateway.answer(to: Requests.get("/v1/models"))
            #expect(next.status == 200)
        }
    }

    /// A route that changes the body costs a second copy of it.
    @Test(arguments: [nil, #"{"seed":1}"#])
    func `The copy of a body counts as well`(extraBody: String?) async throws {
        let script = FakeUpstreamStep.answer(json: Answers.completion)
        try await withFakeUpstream(script: [.repeating(script)]) { upstream in
            var setup = GatewaySetup(upstream) { $0.maxBufferedBodyBytes = 100_000 }
            setup.models = [
                Model(
                    id: "m",
                    target: .routes([
                        Route(
                            id: "m/1", provider: "fake", upstreamModel: "up-model",
                            adjustments: RouteAdjustments(extraBody: extraBody))
                    ]))
            ]
            let padding = String(repeating: "x", count: 60_000)
            try await withGateway(setup) { gateway in
                // Twice: what was counted is released.
                for _ in 0..<2 {
                    let request = Requests.post(Requests.chatBody("m", more: #","user":"\#(padding)""#))
                    let answer = try await gateway.answer(to: request)
                    #expect(answer.status == (extraBody == nil ? 200 : 503))
                }
                #expect(try await gateway.answer(to: Requests.chat()).status == 200)
            }
        }
    }
}
