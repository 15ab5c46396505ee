import DataPlane
import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// Another route takes over only while nothing has reached the client.
@Suite(.timeLimit(.minutes(1))) struct FallbackTests {
    private static let whole = FakeUpstreamStep.answer(json: Answers.completion)

    @Test(
        arguments: [
            FailingUpstream(status: 401, .upstreamRejectedCredentials), FailingUpstream(status: 402, .upstreamError),
            FailingUpstream(status: 403, .upstreamError), FailingUpstream(status: 404, .upstreamError),
            FailingUpstream(status: 408, .upstreamTimeout), FailingUpstream(status: 429, .upstreamRateLimited),
            FailingUpstream(status: 500, .upstreamError), FailingUpstream(status: 502, .upstreamError),
            FailingUpstream(status: 503, .upstreamError), FailingUpstream(status: 504, .upstreamTimeout),
            FailingUpstream(status: 529, .upstreamError),
        ] + FailingUpstream.answers)
    func `The next route answers where the failure is not the caller's`(failing: FailingUpstream) async throws {
        try await withRoutes([failing.script, Self.whole]) { gateway, upstreams in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 200)
            #expect(answer.headers("x-gateway-provider") == ["p2"])
            #expect(answer.headers("x-gateway-route") == ["m/2"])
            #expect(answer.headers("x-gateway-attempts") == ["2"])
            #expect(upstreams.map(\.requests.count) == [1, 1])
            #expect(!answer.text.contains("upstream's text"))
        }
    }

    @Test(arguments: [
        ("the request is at fault", FakeUpstreamStep.answer(400, json: "{}"), 400),
        ("too large", FakeUpstreamStep.answer(413, json: "{}"), 413),
        ("it may have been answered", [.awaitRequest, .close], 502),
        ("half an answer", [.awaitRequest, .sendHead(200, [("content-length", "500")]), .send("{"), .close], 502),
    ])
    func `What may have been answered, or is the caller's fault, is not sent again`(
        name: String, script: [FakeUpstreamStep], status: Int
    ) async throws {
        try await withRoutes([script, Self.whole]) { gateway, upstreams in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == status, "\(name)")
            #expect(upstreams.map(\.requests.count) == [1, 0], "\(name)")
        }
    }

    @Test func `A timeout is repeated only if it may be billed twice`() async throws {
        let timeouts = ProviderTimeouts(head: .milliseconds(300))
        for repeats in [false, true] {
            try await withRoutes(
                [[.awaitRequest], Self.whole], timeouts: timeouts, settings: { $0.repeatsAfterTimeout = repeats }
            ) { gateway, upstreams in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == (repeats ? 200 : 504))
                #expect(upstreams[1].requests.count == (repeats ? 1 : 0))
            }
        }
    }

    @Test func `The same route is tried once more when there is no other, after the wait that it asked for`()
        async throws
    {
        let script = FakeUpstreamStep.answer(503, json: "{}") + Self.whole
        try await withRoutes([script]) { gateway, upstreams in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 200)
            #expect(answer.headers("x-gateway-attempts") == ["2"])
            #expect(upstreams[0].requests.count == 2)
        }
        let late: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(429, [("retry-after", "60"), ("content-length", "0")]),
        ]
        try await withRoutes([late + Self.whole]) { gateway, upstreams in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 429 && answer.headers("retry-after") == ["60"])
            #expect(upstreams[0].requests.count == 1)
        }
    }

    /// Nothing says whose answer it is: it must not become that of the next attempt, or of another caller.
    @Test func `An answer that was not asked for is not taken for the next one`() async throws {
        let busy = "HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 2\r\n\r\n{}"
        let intruder = Answers.completion.replacing("hello", with: "intruder")
        let second = "HTTP/1.1 200 OK\r\ncontent-length: \(intruder.utf8.count)\r\n\r\n\(intruder)"
        let script: [FakeUpstreamStep] = [.awaitRequest, .send(busy + second)] + Self.whole
        try await withRoutes([[.repeating(script)]]) { gateway, upstreams in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(!answer.text.contains("intruder"))
        }
    }

    @Test(arguments: [
        ("cut before any event", [FakeUpstreamStep.close]),
        (
            "cut after the role",
            [.chunk(#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"# + "\n\n"), .close]
        ),
        ("an error event", [.chunk("data: {\"error\":{\"message\":\"busy\"}}\n\n"), .endChunks]),
        ("no event at all", [.endChunks]), ("no JSON", [.chunk("data: {\n\n"), .endChunks]),
    ])
    func `The next route answers where a stream fails before its first content`(
        name: String, rest: [FakeUpstreamStep]
    ) async throws {
        try await withRoutes([FakeUpstreamStep.beginEventStream + rest, Answers.stream]) { gateway, upstreams in
            let answer = try await gateway.answer(to: Requests.chat(stream: true))
            #expect(answer.status == 200, "\(name)")
            #expect(answer.headers("x-gateway-provider") == ["p2"], "\(name)")
            #expect(answer.events.last == "[DONE]" && answer.text.contains("hello"), "\(name)")
            #expect(upstreams.map(\.requests.count) == [1, 1], "\(name)")
        }
    }

    @Test func `A stream that fails after its first content ends with the truth`() async throws {
        let script = FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a")), .close]
        try await withRoutes([script, Answers.stream]) { gateway, upstreams in
            let answer = try await gateway.answer(to: Requests.chat(stream: true))
            #expect(try answer.lastEventError().code == "upstream_stream_truncated")
            #expect(upstreams.map(\.requests.count) == [1, 0])
        }
    }

    @Test func `The beginning of a stream is not held back for long`() async throws {
        let gate = Gate()
        let role = #"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"# + "\n\n"
        let script =
            FakeUpstreamStep.beginEventStream
            + [.chunk(role), .waitFor(gate), .chunk(Answers.finish), .chunk(Answers.done), .endChunks]
        try await withRoutes([script, Answers.stream], settings: { $0.streamBufferTimeout = .milliseconds(200) }) {
            gateway, _ in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.chat(stream: true))
                try await client.read(until: "assistant")
                gate.open()
                #expect(try await client.response().events.last == "[DONE]")
            }
        }
    }

    @Test func `Nothing of one attempt is in the next`() async throws {
        try await withRoutes([FakeUpstreamStep.answer(500, json: "{}"), Self.whole]) { gateway, upstreams in
            _ = try await gateway.answer(to: Requests.chat())
            let second = try await upstreams[1].request()
            #expect(second.headers("x-route") == ["2"] && second.text.contains("upstream-2"))
            #expect(second.headers("authorization") == ["Bearer secret-2"])
            #expect(!second.text.contains("upstream-1") && !second.text.contains("secret-1"))
            #expect(second.text.contains(#""seed":2"#))
        }
    }

    @Test func `A route that keeps failing cools down, and its turn comes again`() async throws {
        let failing: [FakeUpstreamStep] = [.repeating(FakeUpstreamStep.answer(500, json: "{}"))]
        try await withRoutes([failing, [.repeating(Self.whole)]]) { gateway, upstreams in
            for _ in 0..<8 {
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == 200)
            }
            #expect(upstreams.map(\.requests.count) == [5, 8])
        }
        try await withRoutes([failing], settings: { $0.attempts = .init(maxAttempts: 1) }) { gateway, upstreams in
            for _ in 0..<8 { _ = try await gateway.answer(to: Requests.chat()) }
            #expect(upstreams[0].requests.count == 8, "a cooldown alone refuses nothing")
        }
    }

    @Test func `An upstream is read to its end when its caller has gone, if that is wanted`() async throws {
        let (gate, done) = (Gate(), Gate())
        let stream =
            FakeUpstreamStep.beginEventStream
            + [
                .chunk(Answers.content("a")), .waitFor(gate), .chunk(Answers.finish), .chunk(Answers.done), .endChunks,
                .open(done),
            ]
        try await withRoutes([[.repeating(stream)]], drains: true) { gateway, upstreams in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.chat(stream: true))
                try await client.read(until: #""content":"a""#)
                await client.close()
            }
            // The client has disconnected; a cancelled call closes its connection, a drained one keeps it.
            gate.open()
            try await done.wait(within: .seconds(5))
            await #expect(throws: WaitTimeout.self) {
                try await upstreams[0].connection().clientLeft(within: .seconds(2))
            }
            #expect(try await gateway.answer(to: Requests.chat(stream: true)).status == 200)
        }
    }

    /// Runs `body` with a gateway whose model `m` has a route for each script, in the order of their priorities.
    private func withRoutes(
        _ scripts: [[FakeUpstreamStep]], timeouts: ProviderTimeouts = UpstreamErrorTests.timeouts, drains: Bool = false,
        settings change: @escaping (inout DataPlaneSettings) -> Void = { _ in },
        _ body: @escaping (RunningGateway, [FakeUpstream]) async throws -> Void
    ) async throws {
        func start(_ upstreams: [FakeUpstream]) async throws {
            guard upstreams.count == scripts.count else {
                return try await withFakeUpstream(script: scripts[upstreams.count]) {
                    try await start(upstreams + [$0])
                }
            }
            var setup = GatewaySetup(upstreamPort: 1) { settings in
                settings.attempts = AttemptSequence.Limits()
                change(&settings)
            }
            setup.providers = upstreams.enumerated().map { index, upstream in
                OpenAICompatibleProvider(
                    id: "p\(index + 1)", origin: .init(host: "127.0.0.1", port: upstream.port, tls: nil),
                    pathPrefix: "/v1",
                    authentication: .bearer(Secret("secret-\(index + 1)")), timeouts: timeouts,
                    drainsAfterDisconnect: drains)
            }
            let routes = upstreams.indices.map { index in
                Route(
                    id: "m/\(index + 1)", provider: "p\(index + 1)", upstreamModel: "upstream-\(index + 1)",
                    priority: index,
                    adjustments: RouteAdjustments(
                        headers: [.init(name: "x-route", value: Secret("\(index + 1)"))],
                        extraBody: #"{"seed":\#(index + 1)}"#))
            }
            setup.models = [Model(id: "m", target: .routes(routes))]
            try await withGateway(setup) { try await body($0, upstreams) }
        }
        try await start([])
    }
}
