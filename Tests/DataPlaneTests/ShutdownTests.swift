import DataPlane
import GatewayTestSupport
import NIOCore
import Testing

/// The shutdown of a gateway, and of its running requests.
@Suite(.timeLimit(.minutes(1))) struct ShutdownTests {
    static func script(_ gate: Gate) -> [FakeUpstreamStep] {
        FakeUpstreamStep.beginEventStream + [
            .chunk(Answers.content("a")), .waitFor(gate), .chunk(Answers.finish + Answers.done), .endChunks,
        ]
    }

    /// Runs `body` with a client that has a running stream.
    private func withStream(
        settings: (inout DataPlaneSettings) -> Void = { _ in },
        _ check: (RunningGateway, RawClient, Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        try await withFakeUpstream(script: Self.script(gate)) { upstream in
            try await withGateway(GatewaySetup(upstream, settings: settings)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: true))
                    try await client.read(until: #""content":"a""#)
                    try await check(gateway, client, gate)
                }
            }
        }
    }

    @Test func `A stream under way finishes`() async throws {
        try await withStream { gateway, client, gate in
            try await withRawClient(port: gateway.port) { idle in
                await gateway.stop()
                // The connection without a request closes first, which shows that the stop has started.
                try await idle.end()
                #expect(!gateway.stopped.isOpen)
                gate.open()
                let answer = try await client.response()
                #expect(answer.events.last == "[DONE]")
                try await client.end()
                try await gateway.stopped.wait(within: .seconds(10))
            }
        }
    }

    @Test func `No new connection is accepted`() async throws {
        try await withStream { gateway, client, gate in
            try await withRawClient(port: gateway.port) { idle in
                await gateway.stop()
                try await idle.end()
            }
            await #expect(throws: (any Error).self) { try await RawClient.connect(port: gateway.port) }
            gate.open()
            _ = try await client.response()
        }
    }

    @Test func `A pipelined request is not begun`() async throws {
        try await withStream { gateway, client, gate in
            try await withRawClient(port: gateway.port) { idle in
                try await client.send(Requests.get("/v1/models"))
                await gateway.stop()
                try await idle.end()
                gate.open()
                try await client.end()
                #expect(client.receivedText.components("HTTP/1.1 ") == 1)
            }
        }
    }

    @Test func `What does not finish in time ends with an error`() async throws {
        try await withStream(settings: { $0.shutdownGrace = .milliseconds(300) }) { gateway, client, _ in
            await gateway.stop()
            let answer = try await client.response(within: .seconds(10))
            #expect(try answer.lastEventError().code == "server_shutting_down")
            #expect(!answer.events.contains("[DONE]"))
            try await client.end()
            try await gateway.stopped.wait(within: .seconds(10))
        }
    }

    @Test func `A request without an answer yet is told so`() async throws {
        try await withFakeUpstream(script: [.awaitRequest]) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.shutdownGrace = .milliseconds(300) }) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat())
                    _ = try await upstream.request()
                    await gateway.stop()
                    let answer = try await client.response(within: .seconds(10))
                    #expect(answer.status == 503)
                    #expect(try answer.errorBody().code == "server_shutting_down")
                    try await upstream.connection().clientLeft()
                    try await gateway.stopped.wait(within: .seconds(10))
                }
            }
        }
    }

    @Test func `Load balancers are told before the listener closes`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1) { $0.shutdownDelay = .seconds(30) }) { gateway in
            await gateway.stop()
            var answer: HTTPMessage?
            for _ in 0..<5000 where answer?.status != 503 {
                answer = try await gateway.answer(to: Requests.get("/readyz", key: nil))
            }
            #expect(answer?.text == #"{"status":"draining","failing":[]}"#)
            let served = try await gateway.answer(to: Requests.get("/v1/models"))
            #expect(served.status == 200)
            let alive = try await gateway.answer(to: Requests.get("/healthz", key: nil))
            #expect(alive.status == 200)
        }
    }
}

extension String {
    /// How often `text` is in this one.
    fileprivate func components(_ text: String) -> Int {
        ranges(of: text).count
    }
}
