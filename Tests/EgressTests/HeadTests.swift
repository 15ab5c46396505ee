import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct HeadTests {
    @Test func `The credential goes to its own origin only`() async throws {
        let script = (0..<3).flatMap { _ in FakeUpstreamStep.answer(json: "{}") }
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                for (host, port) in [("127.0.0.1", upstream.port), ("localhost", upstream.port), ("127.0.0.1", 1)] {
                    let credential = BoundCredential(
                        origin: UpstreamOrigin(host: host, port: port, tls: nil), header: "authorization",
                        value: Secret("Bearer abc"))
                    try await pool.send(.to(port: upstream.port, credential: credential)).end()
                }
                #expect(upstream.requests.map { $0.headers("authorization") } == [["Bearer abc"], [], []])
            }
        }
    }

    @Test func `The head is what the pool promises`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                try await pool.send(.to(port: upstream.port)).end()
                let request = try await upstream.request()
                #expect(request.startLine == "POST /v1/chat/completions?a=b HTTP/1.1")
                #expect(request.headers("host") == ["127.0.0.1:\(upstream.port)"])
                #expect(request.headers("content-length") == ["2"])
                #expect(request.headers("content-type") == ["application/json"])
            }
        }
    }

    /// RFC 9112, section 3.2.
    @Test(arguments: [
        ("api.test", 443, true, "api.test"), ("api.test", 80, false, "api.test"), ("api.test", 80, true, "api.test:80"),
        ("api.test", 443, false, "api.test:443"), ("::1", 80, false, "[::1]"), ("::1", 8080, false, "[::1]:8080"),
    ])
    func `The authority leaves out the scheme's own port`(
        host: String, port: Int, isEncrypted: Bool, authority: String
    ) throws {
        let tls = isEncrypted ? try UpstreamTLS() : nil
        #expect(UpstreamOrigin(host: host, port: port, tls: tls).authority == authority)
    }

    @Test(arguments: [301, 302, 303, 307, 308]) func `A redirect is not followed`(status: Int) async throws {
        try await withFakeUpstream(script: []) { elsewhere in
            let script: [FakeUpstreamStep] = [
                .awaitRequest, .sendHead(status, [("location", elsewhere.url), ("content-length", "0")]),
            ]
            try await withFakeUpstream(script: script) { upstream in
                try await withPool { pool in
                    let received = try await pool.send(.to(port: upstream.port)).end()
                    #expect(received.status == status)
                    #expect(upstream.requests.count == 1)
                    #expect(elsewhere.connections.isEmpty)
                }
            }
        }
    }
}
