import GatewayCore
import GatewayTestSupport
import Providers
import Testing

/// A request that the gateway refuses itself, with the caller's error.
struct RefusedRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let request: String
    let code: ErrorCode
    var param: String?
    /// Text that the message must contain.
    var says = ""

    init(_ name: String, _ request: String, _ code: ErrorCode, param: String? = nil, says: String = "") {
        testDescription = name
        self.request = request
        self.code = code
        self.param = param
        self.says = says
    }

    static let all = credentials + requests + models + endpoints

    static let credentials = [
        RefusedRequest("no key", Requests.chat(key: nil), .missingAPIKey),
        RefusedRequest("malformed key", Requests.chat(key: "sk-123"), .invalidAPIKey),
        RefusedRequest("unknown key", Requests.chat(key: TestKey.unknown), .invalidAPIKey),
        RefusedRequest("wrong secret", Requests.chat(key: TestKey.wrongSecret), .invalidAPIKey),
        RefusedRequest("revoked key", Requests.chat(key: TestKey.revoked), .apiKeyRevoked),
        RefusedRequest("expired key", Requests.chat(key: TestKey.expired), .apiKeyExpired),
        RefusedRequest(
            "two keys", Requests.chat(headers: ["x-api-key: \(TestKey.limited)"]), .invalidAPIKey, says: "x-api-key"),
        RefusedRequest(
            "one header twice", Requests.chat(headers: ["Authorization: Bearer \(TestKey.limited)"]), .invalidAPIKey,
            says: "sent twice"),
        RefusedRequest(
            "another scheme", Requests.chat(key: nil, headers: ["authorization: Basic Zm9v"]), .invalidAPIKey),
        RefusedRequest("empty key header", Requests.chat(key: nil, headers: ["x-api-key:"]), .invalidAPIKey),
    ]

    static let requests = [
        RefusedRequest("empty body", Requests.post(""), .invalidJSON, says: "byte offset 0"),
        RefusedRequest("bad JSON", Requests.post(#"{"model":"m",}"#), .invalidJSON, says: "byte offset 13"),
        RefusedRequest("half of it", Requests.post(#"{"model":"m""#), .invalidJSON, says: "byte offset 12"),
        RefusedRequest("not an object", Requests.post("[]"), .invalidRequest),
        RefusedRequest("no model", Requests.post(#"{"messages":[]}"#), .invalidRequest, param: "model"),
        RefusedRequest("no messages", Requests.post(#"{"model":"m"}"#), .invalidRequest, param: "messages"),
        RefusedRequest(
            "model of a wrong type", Requests.post(#"{"model":1,"messages":[]}"#), .invalidRequest, param: "model"),
        RefusedRequest(
            "stream of a wrong type", Requests.post(#"{"model":"m","messages":[],"stream":"yes"}"#), .invalidRequest,
            param: "stream"),
        RefusedRequest(
            "duplicate key, escaped", Requests.post(#"{"model":"m","messages":[],"mod\u0065l":"vendor/second"}"#),
            .invalidJSON, param: "model", says: "model"),
        RefusedRequest(
            "deep nesting",
            Requests.post(Requests.chatBody("m", more: #","x":"# + String(repeating: "[", count: 200_000))),
            .invalidJSON,
            says: "512"),
        RefusedRequest(
            "a form", Requests.post("a=b", contentType: "application/x-www-form-urlencoded"), .unsupportedMediaType,
            param: "content-type"),
        RefusedRequest(
            "a type that only begins like JSON", Requests.post("{}", contentType: "application/json-patch"),
            .unsupportedMediaType, param: "content-type"),
    ]

    static let models = [
        RefusedRequest("unknown model", Requests.chat("ghost"), .modelNotFound, param: "model", says: "ghost"),
        RefusedRequest("unknown model, asked for", Requests.get("/v1/models/ghost"), .modelNotFound, param: "model"),
        RefusedRequest(
            "model outside the grant", Requests.chat("vendor/second", key: TestKey.limited), .modelNotAllowed,
            param: "model"),
        RefusedRequest(
            "model outside the grant, asked for", Requests.get("/v1/models/vendor/second", key: TestKey.limited),
            .modelNotAllowed, param: "model"),
        RefusedRequest(
            "incapable model", Requests.chat("mute", stream: true), .capabilityNotSupported, param: "model",
            says: "stream"),
        RefusedRequest(
            "model without a usable route", Requests.chat("broken"), .noRouteAvailable, says: "provider_missing"),
        RefusedRequest(
            "provider without its key", Requests.chat("keyless"), .noRouteAvailable,
            says: "provider_credentials_missing"),
    ]

    static let endpoints = [
        RefusedRequest("unknown path", Requests.post("{}", path: "/v1/nothing", key: nil), .notFound),
        RefusedRequest("the root", Requests.get("/", key: nil), .notFound),
        RefusedRequest("method", Requests.get("/v1/chat/completions"), .methodNotAllowed, says: "use POST"),
        RefusedRequest(
            "method on models", Requests.get("/v1/models", method: "DELETE"), .methodNotAllowed, says: "use GET"),
        RefusedRequest("method on a probe", Requests.post("", path: "/healthz"), .methodNotAllowed, says: "use GET"),
        RefusedRequest("admin API", Requests.get("/api/keys"), .notReady),
        RefusedRequest("admin pages", Requests.get("/admin"), .notReady),
    ]
}

@Suite(.timeLimit(.minutes(1))) struct RequestErrorTests {
    static func setup(_ upstream: FakeUpstream) -> GatewaySetup {
        var setup = GatewaySetup(upstream)
        setup.models += [
            Model(
                id: "mute",
                target: .routes([
                    Route(id: "mute/1", provider: "fake", upstreamModel: "u", capabilities: [.chatCompletions])
                ])),
            Model(id: "broken", target: .routes([Route(id: "broken/1", provider: "gone", upstreamModel: "u")])),
            Model(id: "keyless", target: .routes([Route(id: "keyless/1", provider: "keyless", upstreamModel: "u")])),
        ]
        setup.providers.append(
            GatewaySetup.provider("keyless", port: upstream.port, authentication: .missing("set UPSTREAM_KEY")))
        return setup
    }

    @Test(arguments: RefusedRequest.all) func `Is refused`(refused: RefusedRequest) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: Answers.completion)) { upstream in
            try await withGateway(Self.setup(upstream)) { gateway in
                let answer = try await gateway.answer(to: refused.request)
                let error = try answer.errorBody()
                #expect(answer.status == refused.code.status)
                #expect(error.code == refused.code.rawValue)
                #expect(error.type == refused.code.type)
                #expect(error.param == refused.param)
                #expect(error.message.contains(refused.says), "\(error.message)")
                #expect(!error.message.contains("UPSTREAM_KEY"))
                #expect(answer.headers("x-request-id") == [error.requestID])
                #expect(answer.headers("content-type") == ["application/json"])
                #expect(upstream.connections.isEmpty, "a refused request reached the upstream")
            }
        }
    }

    @Test func `A method error says what is allowed`() async throws {
        try await withFakeUpstream(script: []) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let answer = try await gateway.answer(to: Requests.get("/v1/chat/completions"))
                #expect(answer.headers("allow") == ["POST"])
            }
        }
    }

    @Test(arguments: ["Bearer", "bearer", "BEARER"]) func `The scheme's case does not matter`(scheme: String)
        async throws
    {
        try await withFakeUpstream(script: []) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let bearer = "authorization: \(scheme) \(TestKey.good)"
                let other = "X-API-Key: \(TestKey.good)"
                // The same key in both is not a conflict.
                for headers in [[bearer], [other], [bearer, other]] {
                    let request = Requests.head("GET /v1/models", key: nil, headers: headers) + "\r\n"
                    let answer = try await gateway.answer(to: request)
                    #expect(answer.status == 200, "\(headers)")
                }
            }
        }
    }
}
