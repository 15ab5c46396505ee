import DataPlane
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// How long an upstream may take in all.
@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
    /// Ten events with 300 ms between them.
    static let slowStream =
        FakeUpstreamStep.beginEventStream
        + (0..<10).flatMap {
            [FakeUpstreamStep.chunk(Answers.content("\($0)")), .delay(.milliseconds(300))]
        }
        + [.chunk(Answers.finish + Answers.done), .endChunks]

    /// data-plane.md, Execution: a long stream is never cut for its length.
    @Test func aStreamThatFlowsIsNotCutForItsLength() async throws {
        try await withFakeUpstream(script: Self.slowStream) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.requestDeadline = .milliseconds(1500) }) {
                gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(answer.events.count == 12)
                #expect(answer.events.last == "[DONE]")
            }
        }
    }

    @Test func unlessItsProviderHasALimitForAll() async throws {
        let timeouts = ProviderTimeouts(total: .milliseconds(1500))
        try await withFakeUpstream(script: Self.slowStream) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: timeouts)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(try answer.lastEventError().code == "upstream_timeout")
                #expect(answer.events.count < 12)
            }
        }
    }

    @Test func aRequestWithoutAnAnswerEndsAtTheDeadline() async throws {
        try await withFakeUpstream(script: [.awaitRequest]) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.requestDeadline = .milliseconds(1500) }) {
                gateway in
                let answer = try await gateway.answer(to: Requests.chat())
                #expect(answer.status == 504)
                #expect(try answer.errorBody().code == "upstream_timeout")
                try await upstream.connection().clientLeft()
            }
        }
    }
}
