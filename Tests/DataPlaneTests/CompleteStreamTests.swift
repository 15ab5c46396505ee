import DataPlane
import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// A complete stream, from an upstream that does not end it.
@Suite(.timeLimit(.minutes(1))) struct CompleteStreamTests {
    static let timeouts = ProviderTimeouts(idle: .seconds(3))

    @Test(arguments: [Answers.finish, Answers.finish + Answers.done])
    func `Is complete for its caller too`(last: String) async throws {
        let script = FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a") + last)]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: Self.timeouts)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(answer.events.count == 3)
                #expect(answer.events.last == "[DONE]")
                try await upstream.connection().clientLeft()
            }
        }
    }

    @Test func `An upstream that closes instead is no fault`() async throws {
        let script = FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a") + Answers.finish), .close]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(answer.events.last == "[DONE]")
            }
        }
    }

    /// Bytes of an upstream after the end of its answer must not become part of the next answer.
    @Test func `What follows does not reach the next answer`() async throws {
        let (intrusion, end) = (Gate(), Gate())
        let endless =
            FakeUpstreamStep.beginEventStream + [
                .chunk(Answers.content("a") + Answers.finish + Answers.done), .waitFor(intrusion),
                .chunk(Answers.content("intruder")), .endChunks, .open(end),
            ]
        let next =
            FakeUpstreamStep.beginEventStream + [
                .chunk(Answers.content("b")), .waitFor(end), .chunk(Answers.finish + Answers.done), .endChunks,
            ]
        try await withFakeUpstream(script: { $0 == 0 ? endless : next }) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: true))
                    _ = try await client.response()
                    try await client.send(Requests.chat(stream: true))
                    try await client.read(until: #""content":"b""#)
                    intrusion.open()
                    // If the gateway closed the first upstream's connection, its script ends before it opens this.
                    try? await end.wait(within: .milliseconds(100))
                    end.open()
                    let answer = try await client.response(1)
                    #expect(!answer.text.contains("intruder"))
                    #expect(answer.events.count == 3)
                    #expect(answer.events.last == "[DONE]")
                }
            }
        }
    }
}
