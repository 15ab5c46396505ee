import DataPlane
import GatewayTestSupport
import NIOCore
import Testing

/// Errors within answers with status 200 that quote the credential which the upstream was shown.
@Suite(.timeLimit(.minutes(1))) struct ErrorSecretsTests {
    private static let plain = #"{"code":502,"message":"bad key \#(GatewaySetup.credential)"}"#
    /// The answer of the provider behind the upstream, as text within JSON, with an escape of its own.
    private static let escaped =
        #"{"code":502,"metadata":{"raw":"{\"key\":\"upstream\\u002dcredential-5e3f\"}"}}"#
    /// In a member that the gateway has no use for.
    private static let aside = #"{"code":502,"message":"no","details":["\#(GatewaySetup.credential)"]}"#
    private static let quoting = [plain, escaped, aside]

    private func choice(_ error: String) -> String {
        #"{"index":0,"delta":{"content":"a"},"message":{"content":"a"},"finish_reason":"error","error":\#(error)}"#
    }

    private func answer(
        to script: [FakeUpstreamStep], stream: Bool, path: String = "/v1/chat/completions"
    ) async throws -> HTTPMessage {
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let body = Requests.chatBody("m", stream: stream).replacing(
                    "\"messages\"", with: "\"input\":\"x\",\"messages\"")
                return try await gateway.answer(to: Requests.post(body, path: path))
            }
        }
    }

    private func isClean(_ answer: HTTPMessage) -> Bool {
        !answer.text.contains(GatewaySetup.credential) && !answer.text.contains("credential-5e3f")
    }

    @Test(arguments: quoting) func `In a choice of a non-streaming answer`(error: String) async throws {
        let body = #"{"id":"c","choices":[\#(choice(error))],"model":"up-model"}"#
        let answer = try await answer(to: FakeUpstreamStep.answer(json: body), stream: false)
        #expect(answer.status == 502 && isClean(answer))
        #expect(try answer.errorBody().code == "upstream_error")
    }

    @Test(arguments: quoting) func `In a choice of a stream`(error: String) async throws {
        let script =
            FakeUpstreamStep.beginEventStream + [
                .chunk(Answers.content("hello")), .chunk(#"data: {"choices":[\#(choice(error))]}"# + "\n\n"),
                .endChunks,
            ]
        let answer = try await answer(to: script, stream: true)
        #expect(answer.text.contains("hello") && isClean(answer))
        #expect(try answer.lastEventError().code == "upstream_error")
    }

    @Test func `A choice's error without a secret goes out as it came`() async throws {
        let body = #"{"id":"c","choices":[\#(choice(#"{"code":502,"message":"overloaded"}"#))],"model":"m"}"#
        let whole = try await answer(to: FakeUpstreamStep.answer(json: body), stream: false)
        #expect(whole.status == 200 && whole.text == body)
    }

    @Test(arguments: quoting) func `In a failed response`(error: String) async throws {
        let event = #"{"type":"response.failed","response":{"id":"r","status":"failed","error":\#(error)}}"#
        let script =
            FakeUpstreamStep.beginEventStream + [
                .chunk("data: {\"type\":\"response.output_text.delta\",\"delta\":\"hello\"}\n\n"),
                .chunk("event: response.failed\ndata: \(event)\n\n"), .endChunks,
            ]
        let answer = try await answer(to: script, stream: true, path: "/v1/responses")
        #expect(answer.text.contains("hello") && answer.text.contains("event: error") && isClean(answer))
    }
}
