import DataPlane
import Foundation
import GatewayTestSupport
import NIOCore
import Providers
import Telemetry
import Testing

/// Every request writes one line to the log, however it ends.
@Suite(.timeLimit(.minutes(1))) struct RecordTests {
    /// The fields of a line.
    struct Line: Decodable {
        let logger: String
        let status: Int?
        let key: String?
        let model: String?
        let resolvedModel: String?
        let provider: String?
        let promptTokens: Int?
        let endReason: String
        let error: String?
        let session: String?
        let agent: String?
        let client: String?

        private enum CodingKeys: String, CodingKey {
            case logger, status, key, model, provider, error, session, agent, client
            case resolvedModel = "resolved_model"
            case promptTokens = "prompt_tokens"
            case endReason = "end_reason"
        }
    }

    /// The only line of a gateway's log.
    private func line(
        script: [FakeUpstreamStep], settings: (inout DataPlaneSettings) -> Void = { _ in },
        _ body: (FakeUpstream, RunningGateway, RawClient) async throws -> Void
    ) async throws -> Line {
        let file = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let descriptor = open(file.path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        defer { close(descriptor) }
        let sink = LogSink(format: .json, descriptor: descriptor)
        try await withFakeUpstream(script: script) { upstream in
            var setup = GatewaySetup(upstream, timeouts: UpstreamErrorTests.timeouts) { logged in
                logged.logFormat = .json
                settings(&logged)
            }
            setup.sink = sink
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port) { try await body(upstream, gateway, $0) }
            }
        }
        #expect(sink.flush(within: .seconds(5)))
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        try #require(lines.count == 1, "\(lines)")
        for secret in ["0123456789abcdef", GatewaySetup.credential, "\"hi\"", "hello"] {
            #expect(!lines[0].contains(secret))
        }
        return try JSONDecoder().decode(Line.self, from: Data(lines[0].utf8))
    }

    @Test func `A complete request`() async throws {
        let line = try await line(script: FakeUpstreamStep.answer(json: Answers.completion)) {
            _, _, client in
            try await client.send(Requests.chat("vendor/second"))
            _ = try await client.response()
        }
        #expect(line.logger == "gateway.request")
        #expect(line.endReason == "complete")
        #expect(line.status == 200)
        #expect(line.key == "goodgood")
        #expect(line.model == "vendor/second")
        #expect(line.resolvedModel == "m")
        #expect(line.provider == "fake")
        #expect(line.promptTokens == 3)
        #expect(line.error == nil)
    }

    @Test(arguments: [
        (Requests.chat("ghost"), "model_not_found", 404),
        (Requests.chat(key: TestKey.unknown), "invalid_api_key", 401),
        (Requests.post("{"), "invalid_json", 400), (Requests.get("/nothing"), "not_found", 404),
    ])
    func `A refused request`(request: String, code: String, status: Int) async throws {
        let line = try await line(script: []) { _, _, client in
            try await client.send(request)
            _ = try await client.response()
        }
        #expect(line.endReason == "refused")
        #expect(line.error == code)
        #expect(line.status == status)
        #expect(line.provider == nil)
    }

    @Test(
        arguments: [
            (FakeUpstreamStep.answer(500, json: "{}"), "upstream_error", "upstream_error", 502),
            ([.awaitRequest], "timeout", "upstream_timeout", 504),
            (
                FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a")), .endChunks],
                "upstream_truncated",
                "upstream_stream_truncated", 200
            ),
        ] as [([FakeUpstreamStep], String, String, Int)])
    func `A failed upstream`(script: [FakeUpstreamStep], reason: String, code: String, status: Int)
        async throws
    {
        let isStream = status == 200
        let line = try await line(script: script) { _, _, client in
            try await client.send(Requests.chat(stream: isStream))
            _ = try await client.response()
        }
        #expect(line.endReason == reason)
        #expect(line.error == code)
        #expect(line.status == status)
        #expect(line.provider == "fake")
    }

    @Test func `A client that left`() async throws {
        let script = FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a"))]
        let line = try await line(script: script) { upstream, _, client in
            try await client.send(Requests.chat(stream: true))
            try await client.read(until: #""content":"a""#)
            await client.close()
            try await upstream.connection().clientLeft()
        }
        #expect(line.endReason == "client_cancelled")
        #expect(line.status == 200)
    }

    @Test(arguments: [
        (["session-id: \(TestKey.good)", "originator: x-\(TestKey.good)"], [nil, nil, nil]),
        (
            ["user-agent: claude-cli/2.1 (external)", "x-claude-code-session-id: s-1", "x-claude-code-agent-id: a-1"],
            ["s-1", "a-1", "claude-cli/2.1"]
        ),
        (["session-id: s-2", "originator: codex_exec", "user-agent: x/1"], ["s-2", nil, "codex_exec"]),
        (["session_id: s-3", "user-agent: OpenAI/Python 3.54.0"], ["s-3", nil, "OpenAI/Python"]),
        (["session-id: two words", "x-claude-code-agent-id: \u{E4}", "user-agent:"], [nil, nil, nil]),
        (["session-id: \(String(repeating: "x", count: 129))"], [nil, nil, nil]),
        ([], [nil, nil, nil]),
    ])
    func `What the caller's software says about itself`(headers: [String], facts: [String?]) async throws {
        let line = try await line(script: FakeUpstreamStep.answer(json: Answers.completion)) { _, _, client in
            try await client.send(Requests.chat(headers: headers))
            _ = try await client.response()
        }
        #expect([line.session, line.agent, line.client] == facts)
    }

    /// Many clients close at the last event, without waiting for the end of the body: they have the complete answer.
    @Test func `A client that left at the last event`() async throws {
        let events = Answers.content("a") + Answers.finish + Answers.done
        let line = try await line(script: FakeUpstreamStep.beginEventStream + [.chunk(events)]) {
            upstream, _, client in
            try await client.send(Requests.chat(stream: true))
            try await client.read(until: "[DONE]")
            await client.close()
            try await upstream.connection().clientLeft()
        }
        #expect(line.endReason == "complete")
    }

    @Test func `The end of the gateway`() async throws {
        let line = try await line(script: [.awaitRequest], settings: { $0.shutdownGrace = .zero }) {
            upstream, gateway, client in
            try await client.send(Requests.chat())
            _ = try await upstream.request()
            await gateway.stop()
            _ = try await client.response()
        }
        #expect(line.endReason == "shutdown")
        #expect(line.status == 503)
    }
}
