import Egress
import GatewayTestSupport
import NIOCore
import NIOPosix
import Testing

/// Every kind of call that ends without a complete answer.
@Suite(.timeLimit(.minutes(1))) struct FailureTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", UpstreamFailure.Kind.cut),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", .cut),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", .cut),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\nnonsense\r\n", .invalidAnswer),
        ("SSH-2.0-OpenSSH_9.2\r\n", .invalidAnswer),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", .invalidAnswer),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", .invalidAnswer),
    ])
    func `Invalid answers fail the call`(bytes: String, kind: UpstreamFailure.Kind) async throws {
        try await withFakeUpstream(script: [.awaitRequest, .send(bytes), .close]) { upstream in
            try await withPool { pool in
                let failure = try await pool.send(.to(port: upstream.port)).failure()
                #expect(failure.kind == kind, "\(failure.reason)")
                #expect(failure.reason.contains("127.0.0.1:\(upstream.port)"))
            }
        }
    }

    @Test func `A reset within the answer is a cut`() async throws {
        let gate = Gate()
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"), .waitFor(gate), .reset,
        ]
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port))
                try await call.body(atLeast: 2)
                gate.open()
                #expect(try await call.failure().kind == .cut)
            }
        }
    }

    @Test func `A refused connection is unreachable`() async throws {
        try await withPortWithoutListener { port in
            try await withPool { pool in
                let failure = try await pool.send(.to(port: port)).failure()
                #expect(failure.kind == .unreachable)
                #expect(failure.reason.contains("127.0.0.1:\(port)"))
            }
        }
    }

    @Test func `A name that does not resolve is unreachable`() async throws {
        try await withPool { pool in
            let call = try await pool.send(.to(port: 80, host: "does-not-exist.invalid"))
            #expect(try await call.failure(within: .seconds(30)).kind == .unreachable)
        }
    }

    /// The listener accepts no connection: the first ones fill its queue, and the kernel does not answer the others.
    @Test func `A connection that takes too long is unreachable`() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let connected = Watched(0)
        let attempts = (0..<4).map { _ in
            let attempt = ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port)
            attempt.whenSuccess { _ in connected.update { $0 += 1 } }
            return attempt
        }
        try await connected.wait(for: "full queue", within: .seconds(5)) { $0 >= 2 ? () : nil }
        try await withPool { pool in
            let call = try await pool.send(.to(port: port, connectTimeout: .milliseconds(300)))
            #expect(try await call.failure(within: .seconds(5)).kind == .unreachable)
        }
        try await listener.close()
        for attempt in attempts { attempt.whenSuccess { $0.close(promise: nil) } }
    }

    @Test func `An interim answer is not the answer`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"),
            .sendHead(200, [("content-length", "2")]), .send("{}"),
        ]
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                let received = try await pool.send(.to(port: upstream.port)).end()
                #expect(received.status == 200)
                #expect(received.events == ["head", "end"])
                #expect(received.text == "{}")
            }
        }
    }
}
