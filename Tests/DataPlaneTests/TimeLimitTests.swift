import DataPlane
import GatewayTestSupport
import NIOCore
import Testing

/// Clients that take too long.
@Suite(.timeLimit(.minutes(1))) struct TimeLimitTests {
    private func withClient(
        _ change: (inout GatewaySetup) -> Void, _ check: (RawClient) async throws -> Void
    ) async throws {
        var setup = GatewaySetup(upstreamPort: 1)
        change(&setup)
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port) { try await check($0) }
        }
    }

    @Test(arguments: ["G", "GET /v1/models HTTP/1.1\r\n", "GET /v1/models HTTP/1.1\r\nhost: a\r\nx: "])
    func `For their headers`(part: String) async throws {
        try await withClient({ $0.settings.headerTimeout = .milliseconds(300) }) { client in
            try await client.send(part)
            // No request exists yet, so the connection ends without an answer.
            try await client.end()
            #expect(client.received.isEmpty)
        }
    }

    @Test func `For their body`() async throws {
        try await withClient({ $0.settings.bodyTimeout = .milliseconds(300) }) { client in
            let request = Requests.chat()
            try await client.send(String(request.dropLast(5)))
            let answer = try await client.response()
            #expect(answer.status == 408)
            #expect(try answer.errorBody().code == "request_timeout")
            try await client.end()
        }
    }

    @Test func `Between two requests`() async throws {
        try await withClient({ $0.settings.idleTimeout = .seconds(3) }) { client in
            try await client.send(Requests.get("/v1/models"))
            _ = try await client.response()
            let before = client.received.count
            try await client.end()
            #expect(client.received.count == before, "an idle connection is closed without a word")
        }
    }

    @Test func `To send anything at all`() async throws {
        try await withClient({ $0.settings.idleTimeout = .milliseconds(300) }) { client in
            try await client.end()
            #expect(client.received.isEmpty)
        }
    }

    @Test func `A refused client that goes on sending is closed`() async throws {
        try await withClient({ $0.settings.lingerTimeout = .milliseconds(300) }) { client in
            try await client.send(
                Requests.head("POST /v1/chat/completions", key: nil, headers: ["content-length: 999999"]))
            try await client.send("\r\n{")
            let answer = try await client.response()
            #expect(answer.status == 401)
            #expect(answer.headers("connection") == ["close"])
            try await client.end()
        }
    }

    @Test func `The database has a limit too`() async throws {
        let gate = Gate()
        try await withClient({
            $0.settings.lookupTimeout = .milliseconds(300)
            $0.keys.hold(at: gate)
        }) { client in
            try await client.send(Requests.chat())
            let answer = try await client.response()
            #expect(answer.status == 503)
            #expect(try answer.errorBody().code == "not_ready")
            gate.open()
        }
    }
}
