import Egress
import GatewayTestSupport
import Testing

/// A request whose connection the server closed while it was idle is sent again: once, and only if the server did not
/// answer.
@Suite(.timeLimit(.minutes(1))) struct ResendTests {
    /// Runs a call over a connection that has served one call, and on which the steps in `second` follow the second
    /// request.
    private func secondCall(
        second: [FakeUpstreamStep], fresh: [FakeUpstreamStep] = FakeUpstreamStep.answer(json: "{}"),
        _ check: (FakeUpstream, TestCall) async throws -> Void
    ) async throws {
        let first = FakeUpstreamStep.answer(json: "{}") + [.awaitRequest] + second
        try await withFakeUpstream(script: { $0 == 0 ? first : fresh }) { upstream in
            try await withPool { pool in
                try await pool.send(.to(port: upstream.port)).end()
                try await check(upstream, try await pool.send(.to(port: upstream.port)))
            }
        }
    }

    @Test(arguments: [[.close], [.reset]] as [[FakeUpstreamStep]])
    func `A call on a stale connection is sent again`(second: [FakeUpstreamStep]) async throws {
        try await secondCall(second: second) { upstream, call in
            let received = try await call.end()
            #expect(received.events == ["head", "end"])
            #expect(upstream.connections.count == 2)
            #expect(upstream.connections[0].requests.count == 2)
            #expect(upstream.connections[1].requests.count == 1)
        }
    }

    @Test func `A call is sent again only once`() async throws {
        try await secondCall(second: [.close], fresh: [.awaitRequest, .close]) { upstream, call in
            let failure = try await call.failure()
            #expect(failure.kind == .noAnswer)
            #expect(call.received.value.events == ["failed"])
            #expect(upstream.connections.count == 2)
        }
    }

    @Test(arguments: [
        "H", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
    ])
    func `A call is not sent again after a byte of the answer`(bytes: String) async throws {
        try await secondCall(second: [.send(bytes), .close]) { upstream, call in
            let failure = try await call.failure()
            #expect(failure.kind == .cut)
            #expect(upstream.connections.count == 1)
        }
    }

    @Test(arguments: [[.close], [.reset], [.halfClose]] as [[FakeUpstreamStep]])
    func `A call on a new connection is sent once`(second: [FakeUpstreamStep]) async throws {
        try await withFakeUpstream(script: [.awaitRequest] + second) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port))
                #expect(try await call.failure().kind == .noAnswer)
                #expect(upstream.connections.count == 1)
                #expect(upstream.requests.count == 1)
            }
        }
    }

    @Test func `A cancelled call is not sent again`() async throws {
        let gate = Gate()
        try await secondCall(second: [.waitFor(gate), .close]) { upstream, call in
            _ = try await upstream.request(1)
            try await call.on { $0.cancel() }
            gate.open()
            try await upstream.connection().clientLeft()
            #expect(upstream.connections.count == 1)
            #expect(call.received.value.events.isEmpty)
        }
    }
}
