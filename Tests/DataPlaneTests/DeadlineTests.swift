import DataPlane
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// The total time limits of an upstream.
@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
    /// Ten events with 300 ms between them.
    static let slowStream =
        FakeUpstreamStep.beginEventStream
        + (0..<10).flatMap {
            [FakeUpstreamStep.chunk(Answers.content("\($0)")), .delay(.milliseconds(300))]
        }
        + [.chunk(Answers.finish + Answers.done), .endChunks]

    /// docs/model-routing.md: a long stream is never cut for its length.
    @Test func `A stream that flows is not cut for its length`() async throws {
        try await withFakeUpstream(script: Self.slowStream) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.requestDeadline = .milliseconds(1500) }) {
                gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(answer.events.count == 12)
                #expect(answer.events.last == "[DONE]")
            }
        }
    }

    @Test func `Unless its provider has a limit for all`() async throws {
        let timeouts = ProviderTimeouts(total: .milliseconds(1500))
        try await withFakeUpstream(script: Self.slowStream) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: timeouts)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(try answer.lastEventError().code == "upstream_timeout")
                #expect(answer.events.count < 12)
            }
        }
    }

    @Test func `A request without an answer ends at the deadline`() async throws {
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

    /// Each of its parts arrives in time, but it occupies a place.
    @Test func `A body that trickles in ends at the deadline`() async throws {
        try await withFakeUpstream(script: []) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.requestDeadline = .milliseconds(1500) }) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    let request = Requests.chat()
                    try await client.send(String(request.prefix(request.count - 60)))
                    let trickle = client.trickle(request.suffix(60).dropLast())
                    defer { trickle.cancel() }
                    let answer = try await client.response()
                    #expect(answer.status == 408)
                    #expect(try answer.errorBody().code == "request_timeout")
                }
            }
        }
    }

    /// Bytes after the last event do not postpone the end.
    @Test func `A stream ends although its upstream goes on`() async throws {
        let script =
            FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a") + Answers.finish + Answers.done)]
            + (0..<40).flatMap { _ in [FakeUpstreamStep.delay(.milliseconds(300)), .chunk(": ping\n\n")] }
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let began = ContinuousClock.now
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(answer.events.last == "[DONE]")
                #expect(began.duration(to: .now) < .seconds(5))
            }
        }
    }
}
