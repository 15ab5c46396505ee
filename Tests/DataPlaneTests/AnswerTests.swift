import DataPlane
import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// Answers and their headers.
@Suite(.timeLimit(.minutes(1))) struct AnswerTests {
    private func exchange(
        _ script: [FakeUpstreamStep], _ request: String, _ check: (HTTPMessage, HTTPMessage) async throws -> Void
    ) async throws {
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let answer = try await gateway.answer(to: request, within: .seconds(20))
                try await check(answer, try await upstream.request())
            }
        }
    }

    @Test(arguments: ["m", "vendor/second"]) func `The model is the caller's`(model: String) async throws {
        try await exchange(FakeUpstreamStep.answer(json: Answers.completion), Requests.chat(model)) { answer, request in
            #expect(answer.status == 200)
            #expect(answer.text == Answers.completion.replacing("up-model", with: model))
            #expect(answer.headers("content-length") == [String(answer.body.count)])
            #expect(request.startLine == "POST /v1/chat/completions HTTP/1.1")
            #expect(request.text == Requests.chatBody("up-model"))
        }
    }

    /// Numbers, escapes, spaces, unknown fields and their order are the caller's own (docs/api.md).
    @Test func `Nothing else of a request changes`() async throws {
        let more = #","x":[1e400, 0.10,"\u00e9\/"], "temperature" : 1.0,"tools":[],"e":{}"#
        try await exchange(
            FakeUpstreamStep.answer(json: Answers.completion), Requests.post(Requests.chatBody("m", more: more))
        ) { _, request in
            #expect(request.text == Requests.chatBody("up-model", more: more))
        }
    }

    @Test func `A stream's usage is asked for but not shown`() async throws {
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"# + "\n\n"
        let events = Answers.content("a") + Answers.finish + usage + Answers.done
        let script = StreamTests.script(events, pieces: 50)
        try await exchange(script, Requests.chat(stream: true)) { answer, request in
            #expect(request.text.contains(#""stream_options":{"include_usage":true}"#))
            #expect(!answer.text.contains("prompt_tokens"))
            #expect(answer.events.count == 3)
        }
        let asked = Requests.post(
            Requests.chatBody("m", stream: true, more: #","stream_options":{"include_usage":true}"#))
        try await exchange(script, asked) { answer, _ in
            #expect(answer.text.contains(#""total_tokens":3"#))
        }
    }

    @Test func `Only the upstream's own credential goes upstream`() async throws {
        let headers = [
            "cookie: a=b", "x-api-key: \(TestKey.good)", "x-forwarded-for: 10.0.0.1", "openai-organization: o",
        ]
        try await exchange(
            FakeUpstreamStep.answer(json: Answers.completion), Requests.chat(headers: headers)
        ) { _, request in
            #expect(request.headers("authorization") == ["Bearer \(GatewaySetup.credential)"])
            for name in ["cookie", "x-api-key", "x-forwarded-for", "openai-organization"] {
                #expect(request.headers(name).isEmpty, "\(name)")
            }
            #expect(!request.head.contains("gwk_"))
        }
    }

    @Test func `The answer's headers are an allowlist`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest,
            .sendHead(
                200,
                [
                    ("content-type", "application/json"), ("content-length", String(Answers.completion.utf8.count)),
                    ("set-cookie", "a=b"), ("x-request-id", "upstream-id"), ("server", "upstream"),
                    ("openai-version", "1"),
                ]), .send(Answers.completion),
        ]
        try await exchange(script, Requests.chat(headers: ["x-request-id: caller-id"])) { answer, _ in
            let names = answer.head.split(separator: "\r\n").dropFirst().compactMap { $0.split(separator: ":").first }
            #expect(
                Set(names.map { $0.lowercased() }) == [
                    "content-type", "content-length", "x-request-id", "x-gateway-request-id", "x-gateway-provider",
                    "x-gateway-route", "x-gateway-attempts",
                ])
            #expect(answer.headers("x-request-id") == ["caller-id"])
            #expect(answer.headers("x-gateway-provider") == ["fake"])
            #expect(answer.headers("x-gateway-route") == ["m/1"])
            #expect(answer.headers("x-gateway-attempts") == ["1"])
        }
    }

    @Test(arguments: [
        ("caller-id", true), (String(repeating: "x", count: 128), true), (String(repeating: "x", count: 129), false),
        ("two words", false), ("", false), ("é", false),
    ])
    func `A request id is echoed if it is fit`(id: String, isKept: Bool) async throws {
        try await exchange(
            FakeUpstreamStep.answer(json: Answers.completion), Requests.chat(headers: ["x-request-id: \(id)"])
        ) { answer, _ in
            let echoed = try #require(answer.headers("x-request-id").first)
            let own = try #require(answer.headers("x-gateway-request-id").first)
            #expect((echoed == id) == isKept)
            #expect(isKept || echoed == own)
            #expect(own.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil)
        }
    }

    @Test func `Ten mebibytes pass in both directions`() async throws {
        let size = 10 * 1024 * 1024
        let text = String(repeating: "0123456789abcdef", count: size / 16)
        let completion = #"{"model":"up-model","text":"\#(text)","choices":[]}"#
        try await exchange(
            FakeUpstreamStep.answer(json: completion), Requests.post(Requests.chatBody("m", more: #","x":"\#(text)""#))
        ) { answer, request in
            #expect(answer.text == completion.replacing("up-model", with: "m"))
            #expect(request.text == Requests.chatBody("up-model", more: #","x":"\#(text)""#))
        }
    }

    @Test func `Two hundred streams flow at once`() async throws {
        let gate = Gate()
        let script =
            FakeUpstreamStep.beginEventStream + [
                .chunk(Answers.content("a")), .waitFor(gate), .chunk(Answers.finish + Answers.done), .endChunks,
            ]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withThrowingTaskGroup(of: Bool.self) { tasks in
                    for _ in 0..<200 {
                        tasks.addTask {
                            let answer = try await gateway.answer(to: Requests.chat(stream: true), within: .seconds(50))
                            return answer.events.last == "[DONE]"
                        }
                    }
                    _ = try await upstream.request(onConnection: 199, within: .seconds(30))
                    gate.open()
                    let complete = try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
                    #expect(complete == 200)
                }
            }
        }
    }
}
