import Egress
import GatewayTestSupport
import NIOCore
import Testing

/// When a connection serves another call, and when it does not.
@Suite(.timeLimit(.minutes(1))) struct KeepAliveTests {
    @Test func `Calls one after the other share a connection`() async throws {
        let script: [FakeUpstreamStep] = (0..<3).flatMap { FakeUpstreamStep.answer(json: "{\"n\":\($0)}") }
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                for turn in 0..<3 {
                    let received = try await pool.send(.to(port: upstream.port)).end()
                    #expect(received.status == 200)
                    #expect(received.text == "{\"n\":\(turn)}")
                    #expect(received.events == ["head", "end"])
                }
            }
            #expect(upstream.connections.count == 1)
            #expect(upstream.requests.count == 3)
        }
    }

    @Test func `Concurrent calls have their own connections`() async throws {
        let gate = Gate()
        let slow: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(200, [("content-length", "2")]), .waitFor(gate), .send("{}"),
        ]
        try await withFakeUpstream(script: { $0 == 0 ? slow : FakeUpstreamStep.answer(json: "{}") }) { upstream in
            try await withPool { pool in
                let first = try await pool.send(.to(port: upstream.port))
                try await first.head()
                #expect(try await pool.send(.to(port: upstream.port)).end().isEnded)
                #expect(upstream.connections.count == 2)
                gate.open()
                #expect(try await first.end().isEnded)
            }
        }
    }

    /// Each of these ends the first call on a connection that must not be reused.
    @Test(
        arguments: [
            [.awaitRequest, .send("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")],
            [.awaitRequest, .send("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}")],
            [.awaitRequest, .send("HTTP/1.1 200 OK\r\n\r\n{}"), .close],
            [.awaitRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"), .close],
            [.awaitRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n")],
        ] as [[FakeUpstreamStep]])
    func `An uncertain connection is not reused`(script: [FakeUpstreamStep]) async throws {
        try await withFakeUpstream(script: { $0 == 0 ? script : FakeUpstreamStep.answer(json: "{}") }) { upstream in
            try await withPool { pool in
                try await pool.send(.to(port: upstream.port)).end()
                #expect(try await pool.send(.to(port: upstream.port)).end().status == 200)
                #expect(upstream.connections.count == 2)
                #expect(upstream.connections[1].requests.count == 1)
            }
        }
    }

    /// The server does not read the rest of the request, which is still to be sent.
    @Test func `An answer before the end of the request costs the connection`() async throws {
        let early: [FakeUpstreamStep] = [
            .awaitHead, .stopReading, .send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n"),
        ]
        try await withFakeUpstream(script: { $0 == 0 ? early : FakeUpstreamStep.answer(json: "{}") }) { upstream in
            try await withPool { pool in
                // 512 MiB that share their bytes: more than the sockets take when the server stops reading.
                let slice = ByteBuffer(repeating: UInt8(ascii: " "), count: 1024 * 1024)
                let body = Array(repeating: slice, count: 512)
                let received = try await pool.send(.to(port: upstream.port, body: body)).end()
                #expect(received.status == 413)
                #expect(received.events == ["head", "end"])
                #expect(try await pool.send(.to(port: upstream.port)).end().status == 200)
                #expect(upstream.connections.count == 2)
            }
        }
    }

    @Test func `The connection of a cancelled call is not reused`() async throws {
        let partial: [FakeUpstreamStep] = [.awaitRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}")]
        try await withFakeUpstream(script: { $0 == 0 ? partial : FakeUpstreamStep.answer(json: "{}") }) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port))
                try await call.body(atLeast: 2)
                try await call.on { $0.cancel() }
                #expect(try await pool.send(.to(port: upstream.port)).end().isEnded)
                #expect(upstream.connections.count == 2)
            }
        }
    }

    @Test func `Other origins have other connections`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                for host in ["127.0.0.1", "localhost"] {
                    try await pool.send(.to(port: upstream.port, host: host)).end()
                }
                #expect(upstream.connections.count == 2)
                #expect(
                    upstream.requests.map { $0.headers("host") } == [
                        ["127.0.0.1:\(upstream.port)"], ["localhost:\(upstream.port)"],
                    ])
            }
        }
    }

    @Test func `A connection that is idle for too long is closed`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                try await pool.send(.to(port: upstream.port)).end()
                try await pool.on { $0.closeIdle(now: .now() + .seconds(31)) }
                try await upstream.connection().clientLeft()
            }
        }
    }

    @Test func `The end of the pool closes its connections`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                try await pool.send(.to(port: upstream.port)).end()
            }
            try await upstream.connection().clientLeft()
        }
    }
}
