import Egress
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import Testing

/// A streamed body cannot be sent twice: the sender has no copy of it.
@Suite(.timeLimit(.minutes(1))) struct StreamedResendTests {
    /// Runs a streamed call over a connection that has served one call, and that closes when `gate` opens.
    private func secondCall(
        length: Int? = nil, _ check: (FakeUpstream, TestCall, _ closing: Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        let first = FakeUpstreamStep.answer(json: "{}") + [.awaitHead, .waitFor(gate), .close]
        try await withFakeUpstream(script: { $0 == 0 ? first : FakeUpstreamStep.answer(json: "[]") }) { upstream in
            try await withPool { pool in
                try await pool.send(.to(port: upstream.port)).end()
                let request = UpstreamRequest.to(port: upstream.port, method: .POST, body: .streamed(length: length))
                try await check(upstream, try await pool.send(request), gate)
            }
        }
    }

    @Test func `A call whose body has not begun moves to a new connection`() async throws {
        try await secondCall { upstream, call, closing in
            try await call.writable()
            closing.open()
            _ = try await upstream.connection(1)
            try await call.received.wait(for: "second writability", within: .seconds(10)) {
                $0.writability == [true, false, true] ? () : nil
            }
            try await call.on {
                $0.send(ByteBuffer(string: "ab"))
                $0.finishBody()
            }
            let received = try await call.end()
            #expect(received.text == "[]")
            #expect(received.events == ["head", "end"])
            #expect(upstream.connections[1].requests.map { String(decoding: $0.body, as: UTF8.self) } == ["ab"])
        }
    }

    @Test func `An empty body that has ended is sent again`() async throws {
        try await secondCall { upstream, call, closing in
            try await call.writable()
            try await call.on { $0.finishBody() }
            _ = try await upstream.request(1)
            closing.open()
            #expect(try await call.end().text == "[]")
            #expect(upstream.connections.map { $0.requests.last?.body } == [[], []])
        }
    }

    @Test(arguments: [nil, 2, 4]) func `A call whose body has begun fails`(length: Int?) async throws {
        try await secondCall(length: length) { upstream, call, closing in
            try await call.writable()
            try await call.on {
                $0.send(ByteBuffer(string: "ab"))
                if length == 2 { $0.finishBody() }
            }
            closing.open()
            #expect(try await call.failure().kind == .noAnswer)
            #expect(call.received.value.events == ["failed"])
            #expect(upstream.connections.count == 1)
        }
    }
}
