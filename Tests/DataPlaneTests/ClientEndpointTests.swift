import DataPlane
import Foundation
import GatewayCore
import GatewayTestSupport
import Testing

/// What particular clients ask for (docs/api.md, Endpoints).
@Suite(.timeLimit(.minutes(1))) struct ClientEndpointTests {
    /// Codex tries a WebSocket first, and falls back at once only on 426.
    @Test(arguments: ["/v1/responses", "/openai/v1/responses", "/v1/responses?x=y"])
    func `An offered WebSocket is refused as such`(path: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let headers = ["connection: Upgrade", "upgrade: WebSocket", "sec-websocket-version: 13"]
            let answer = try await gateway.answer(to: Requests.head("GET \(path)", headers: headers) + "\r\n")
            #expect(answer.status == 426)
            #expect(answer.headers("connection") == ["close"])
            #expect(answer.headers("upgrade") == ["HTTP/1.1"])
            #expect(try answer.errorBody().code == "upgrade_required")
            let plain = try await gateway.answer(to: Requests.get(path))
            #expect(plain.status == 405)
        }
    }

    @Test(arguments: [("HEAD", "/"), ("HEAD", "/api/hello"), ("GET", "/health"), ("HEAD", "/health")])
    func `A client that looks for a server finds one`(method: String, path: String) async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get(path, method: method, key: nil))
                try await client.read(until: "HTTP/1.1 200")
            }
            let other = try await gateway.answer(to: Requests.get("/", key: nil))
            #expect(other.status == 404)
        }
    }

    // MARK: Models

    private func list(_ answer: HTTPMessage) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    @Test func `One list of models for three kinds of client`() async throws {
        var setup = GatewaySetup(upstreamPort: 1)
        setup.models.append(.init(id: "described", description: "Fast, \"cheap\"", rank: 3, target: .alias(of: "m")))
        try await withGateway(setup) { gateway in
            let list = try list(try await gateway.answer(to: Requests.get("/v1/models?client_version=0.163.0")))
            #expect(list["object"] as? String == "list" && list["has_more"] as? Bool == false)
            #expect(list["first_id"] as? String == "m" && list["last_id"] as? String == "described")
            let data = try #require(list["data"] as? [[String: Any]])
            #expect(data.map { $0["type"] as? String } == ["model", "model", "model"])
            #expect(data[2]["display_name"] as? String == "described")
            #expect(data[2]["description"] as? String == "Fast, \"cheap\"")
            #expect(data[0]["description"] == nil)
            #expect(data[0]["created_at"] as? String == "2023-11-14T22:13:20Z")
            let entry = try #require((list["models"] as? [[String: Any]])?.first)
            #expect(entry["slug"] as? String == "m")
            #expect(
                Set(entry.keys) == [
                    "slug", "display_name", "supported_reasoning_levels", "shell_type", "visibility",
                    "supported_in_api", "priority", "support_verbosity", "truncation_policy",
                    "experimental_supported_tools", "base_instructions",
                ])
        }
    }

    @Test func `A list that has not changed is not sent again`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let first = try await gateway.answer(to: Requests.get("/v1/models"))
            let tag = try #require(first.headers("etag").first)
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let head = Requests.head("GET /v1/models", headers: ["if-none-match: \(known)"])
                // Another request follows, so that a body would be read as its answer.
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(head + "\r\n" + Requests.get("/v1/models/m"))
                    let text = try await client.read(until: #""id":"m""#)
                    #expect(text.hasPrefix("HTTP/1.1 304"))
                    #expect(text.contains("\r\n\r\nHTTP/1.1 200"), "no body")
                    #expect(text.contains("etag: \(tag)"))
                }
            }
            let other = Requests.head("GET /v1/models", headers: ["if-none-match: \"other\""]) + "\r\n"
            #expect(try await gateway.answer(to: other).status == 200)
            let limited = try await gateway.answer(to: Requests.get("/v1/models", key: TestKey.limited))
            #expect(limited.headers("etag") != [tag])
        }
    }

    /// A tenth of a second on a quiet machine; the limit here only notices what grows faster than the list.
    @Test func `A thousand models are listed without delay`() async throws {
        var setup = GatewaySetup(upstreamPort: 1)
        setup.models = (0..<1000).map {
            .init(id: "vendor/model-\($0)", description: "A model", rank: $0, target: .alias(of: "m"))
        }
        setup.models.append(.init(id: "m", target: .routes([])))
        try await withGateway(setup) { gateway in
            _ = try await gateway.answer(to: Requests.get("/v1/models/m"))
            let began = ContinuousClock.now
            let answer = try await gateway.answer(to: Requests.get("/v1/models"))
            #expect(began.duration(to: .now) < .seconds(5))
            #expect(try (list(answer)["data"] as? [Any])?.count == 1001)
        }
    }
}
