import Egress
import GatewayCore
import GatewayTestSupport
import Testing

/// Upstreams on Unix domain sockets.
@Suite(.timeLimit(.minutes(1))) struct UnixSocketTests {
    @Test func `Calls share the connection of their socket`() async throws {
        let script: @Sendable (Int) -> [FakeUpstreamStep] = { _ in
            FakeUpstreamStep.answer(json: "{}") + FakeUpstreamStep.answer(json: "{}")
        }
        try await withTemporarySocketPath { first in
            try await withTemporarySocketPath { second in
                try await withFakeUpstream(unixSocket: first, script: script) { upstream in
                    try await withFakeUpstream(unixSocket: second, script: script) { other in
                        try await withPool { pool in
                            for path in [first, first, second] {
                                let received = try await pool.send(.to(.unix(path: path))).end()
                                #expect(received.events == ["head", "end"])
                            }
                        }
                        #expect(upstream.connections.count == 1)
                        #expect(upstream.requests.map { $0.headers("host") } == [["localhost"], ["localhost"]])
                        #expect(other.requests.count == 1)
                    }
                }
            }
        }
    }

    @Test func `The credential goes to its own socket only`() async throws {
        try await withTemporarySocketPath { path in
            let script = FakeUpstreamStep.answer(json: "{}") + FakeUpstreamStep.answer(json: "{}")
            try await withFakeUpstream(unixSocket: path, script: { _ in script }) { upstream in
                try await withPool { pool in
                    for bound in [path, "elsewhere"] {
                        let credential = BoundCredential(
                            origin: .unix(path: bound), header: "authorization", value: Secret("Bearer abc"))
                        try await pool.send(.to(.unix(path: path), credential: credential)).end()
                    }
                }
                #expect(upstream.requests.map { $0.headers("authorization") } == [["Bearer abc"], []])
            }
        }
    }

    @Test func `A socket without a listener is unreachable`() async throws {
        try await withTemporarySocketPath { path in
            try await withPool { pool in
                let failure = try await pool.send(.to(.unix(path: path))).failure()
                #expect(failure.kind == .unreachable)
                #expect(failure.reason.contains("unix:\(path)"))
            }
        }
    }

    @Test func `A path that is too long is unreachable`() async throws {
        try await withPool { pool in
            let path = "/tmp/" + String(repeating: "x", count: 200)
            let failure = try await pool.send(.to(.unix(path: path))).failure()
            #expect(failure.kind == .unreachable)
        }
    }
}
