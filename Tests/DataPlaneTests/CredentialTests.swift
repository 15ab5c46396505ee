import DataPlane
import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Synchronization
import Testing

/// A credential that has to be fetched holds its attempt up, and nothing else; a provider may refuse to be asked.
@Suite(.timeLimit(.minutes(1))) struct CredentialTests {
    private static let noToken = GatewayError(
        .upstreamUnreachable, "The token server is down.", source: .upstream, retry: .elsewhere)
    private static let answer = FakeUpstreamStep.answer(json: Answers.completion)

    /// Gateway and upstreams with one route to each of the providers that `make` makes.
    private func withProviders(
        _ upstreams: Int = 1, script: [FakeUpstreamStep] = answer,
        _ make: @escaping (Int, OpenAICompatibleProvider, UpstreamOrigin) -> any Provider,
        _ body: @escaping (RunningGateway, [FakeUpstream], RecordingSink) async throws -> Void
    ) async throws {
        func start(_ running: [FakeUpstream]) async throws {
            guard running.count == upstreams else {
                return try await withFakeUpstream(script: { _ in script }) { try await start(running + [$0]) }
            }
            let sink = RecordingSink()
            var setup = GatewaySetup(upstreamPort: 1) { $0.attempts = AttemptSequence.Limits() }
            setup.makeSinks = { _ in [sink] }
            setup.providers = running.enumerated().map { index, upstream in
                let base = GatewaySetup.provider("p\(index)", port: upstream.port, authentication: .none)
                return make(index, base, UpstreamOrigin(host: "127.0.0.1", port: upstream.port, tls: nil))
            }
            setup.models = [
                Model(
                    id: "m",
                    target: .routes(
                        running.indices.map {
                            Route(id: "m/\($0)", provider: "p\($0)", upstreamModel: "up-model", priority: $0)
                        }))
            ]
            try await withGateway(setup) { try await body($0, running, sink) }
        }
        try await start([])
    }

    @Test func `A request waits for the credential, and the upstream is shown it`() async throws {
        let source = FakeCredentials()
        try await withProviders { _, base, origin in
            FakeProvider(base, source.bound(to: origin))
        } _: { gateway, upstreams, sink in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.chat())
                try await source.asked.wait(for: "refresh", within: .seconds(5)) { $0 > 0 ? () : nil }
                #expect(upstreams[0].requests.isEmpty)
                source.finish(.success("token-1"))
                #expect(try await client.response().status == 200)
            }
            #expect(upstreams[0].requests.first?.headers("authorization") == ["Bearer token-1"])
            let exchange = try await sink.exchange()
            #expect(exchange.endReason == .complete && exchange.attempts.count == 1)
        }
    }

    @Test func `All requests that wait share one fetch, and later ones wait for nothing`() async throws {
        let server = Gate()
        let fetches = Watched(0)
        // Connections are used again.
        let script = (0..<9).flatMap { _ in Self.answer }
        try await withProviders(script: script) { _, base, origin in
            FakeProvider(
                base,
                RefreshedCredential { () throws(GatewayError) in
                    fetches.update { $0 += 1 }
                    try? await server.wait()
                    let later = NIODeadline.now() + .hours(1)
                    return .init(.bearer(Secret("shared"), origin: origin), refreshAt: later, expiresAt: later)
                })
        } _: { gateway, upstreams, _ in
            try await withThrowingTaskGroup(of: Int?.self) { tasks in
                for _ in 0..<8 { tasks.addTask { try await gateway.answer(to: Requests.chat()).status } }
                tasks.addTask {
                    server.open()
                    return 200
                }
                for try await status in tasks { #expect(status == 200) }
            }
            #expect(try await gateway.answer(to: Requests.chat()).status == 200)
            #expect(upstreams[0].requests.count == 9)
            #expect(upstreams[0].requests.allSatisfy { $0.headers("authorization") == ["Bearer shared"] })
        }
        #expect(fetches.value == 1)
    }

    @Test func `A fetch that fails ends the attempt, and the next route takes over`() async throws {
        let source = FakeCredentials()
        try await withProviders(2) { index, base, origin in
            index == 0 ? FakeProvider(base, source.bound(to: origin)) as any Provider : base
        } _: { gateway, upstreams, sink in
            source.finish(.failure(Self.noToken))
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 200 && answer.headers("x-gateway-provider") == ["p1"])
            #expect(upstreams.map(\.requests.count) == [0, 1])
            #expect(try await sink.exchange().attempts.first?.outcome == .failed(Self.noToken))
        }
    }

    @Test func `A fetch that fails everywhere is told as it was`() async throws {
        let source = FakeCredentials()
        try await withProviders { _, base, origin in
            FakeProvider(base, source.bound(to: origin))
        } _: { gateway, upstreams, sink in
            source.finish(.failure(Self.noToken))
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 502)
            #expect(try answer.errorBody().message == Self.noToken.message)
            #expect(upstreams[0].requests.isEmpty)
            #expect(try await sink.exchange().endReason == .upstreamError)
        }
    }

    /// Unlike a call that timed out it cannot be billed twice.
    @Test func `A credential that does not arrive in time gives way to the next route, and is not used later`()
        async throws
    {
        let (source, gate) = (FakeCredentials(), Gate())
        let timeouts = ProviderTimeouts(connect: .milliseconds(100), head: .milliseconds(200))
        try await withProviders(2, script: [.waitFor(gate)] + Self.answer) { index, base, origin in
            index == 0
                ? FakeProvider(base, source.bound(to: origin), timeouts: timeouts) as any Provider : base
        } _: { gateway, upstreams, sink in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.chat())
                _ = try await upstreams[1].request()
                source.finish(.success("too-late"))
                try await source.ended.wait(for: "refresh", within: .seconds(5)) { $0 > 0 ? () : nil }
                for _ in 0..<5 { #expect(try await gateway.answer(to: Requests.get("/healthz")).status == 200) }
                gate.open()
                let answer = try await client.response()
                #expect(answer.status == 200 && answer.headers("x-gateway-provider") == ["p1"])
            }
            #expect(upstreams[0].requests.isEmpty)
            guard case .failed(let error) = try await sink.exchange().attempts.first?.outcome else {
                Issue.record("the first attempt failed")
                return
            }
            #expect(error.code == .upstreamTimeout && error.cause == "the provider's credential did not arrive in time")
        }
    }

    @Test func `A client that leaves meanwhile calls no provider`() async throws {
        let source = FakeCredentials()
        try await withProviders { _, base, origin in
            FakeProvider(base, source.bound(to: origin))
        } _: { gateway, upstreams, sink in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.chat())
                try await source.asked.wait(for: "refresh", within: .seconds(5)) { $0 > 0 ? () : nil }
            }
            #expect(try await sink.exchange().endReason == .clientCancelled)
            source.finish(.success("token"))
            #expect(try await gateway.answer(to: Requests.chat()).status == 200)
            #expect(upstreams[0].requests.count == 1)
        }
    }

    @Test func `A provider that refuses the request is not called, and the caller is told why`() async throws {
        let refusal = GatewayError(
            .unsupportedParameter, "The provider `p0` has no `logprobs`.", param: "logprobs", source: .client,
            retry: .elsewhere)
        try await withProviders { _, base, _ in
            FakeProvider(base, StaticCredential(nil), refusal: refusal)
        } _: { gateway, upstreams, sink in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 400)
            let body = try answer.errorBody()
            #expect(body.param == "logprobs" && body.code == "unsupported_parameter")
            #expect(upstreams[0].requests.isEmpty)
            #expect(try await sink.exchange().endReason == .refused)
        }
        try await withProviders(2) { index, base, _ in
            index == 0 ? FakeProvider(base, StaticCredential(nil), refusal: refusal) as any Provider : base
        } _: { gateway, upstreams, _ in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 200)
            #expect(upstreams.map(\.requests.count) == [0, 1])
        }
    }

    @Test func `A fetched credential is taken out of what the upstream says`() async throws {
        let source = FakeCredentials()
        source.finish(.success("hush-token"))
        let script = FakeUpstreamStep.answer(400, json: #"{"error":{"message":"Bad hush-token.","code":"c"}}"#)
        try await withProviders(script: script) { _, base, origin in
            FakeProvider(base, source.bound(to: origin))
        } _: { gateway, _, _ in
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(try answer.errorBody().message == "Bad \(Secret.mask).")
        }
    }
}

/// An OpenAI-compatible provider with credentials of the test's own.
private struct FakeProvider: Provider {
    let credentials: any CredentialSource
    private let base: OpenAICompatibleProvider
    private let refusal: GatewayError?
    let timeouts: ProviderTimeouts

    init(
        _ base: OpenAICompatibleProvider, _ credentials: any CredentialSource, refusal: GatewayError? = nil,
        timeouts: ProviderTimeouts? = nil
    ) {
        self.base = base
        self.timeouts = timeouts ?? base.timeouts
        self.credentials = credentials
        self.refusal = refusal
    }

    var id: String { base.id }
    var availability: ProviderAvailability { base.availability }
    var drainsAfterDisconnect: Bool { base.drainsAfterDisconnect }
    var secrets: [Secret] { base.secrets }

    func prepare(
        _ attempt: AttemptRequest, credential: BoundCredential?
    ) throws(GatewayError) -> PreparedAttempt {
        if let refusal { throw refusal }
        return try base.prepare(attempt, credential: credential)
    }
}

/// A token that comes when the test says so.
private final class FakeCredentials: CredentialSource {
    /// How many wait or have waited.
    let asked = Watched(0)
    /// How many have waited.
    let ended = Watched(0)
    private let token = Watched<Result<String, GatewayError>?>(nil)
    private let origin = Mutex<UpstreamOrigin?>(nil)

    func bound(to origin: UpstreamOrigin) -> FakeCredentials {
        self.origin.withLock { $0 = origin }
        return self
    }

    /// Ends every wait, now and later.
    func finish(_ result: Result<String, GatewayError>) {
        token.update { $0 = result }
    }

    func current() -> CredentialState {
        guard case .success(let token) = token.value else { return .pending }
        return .ready(credential(token))
    }

    func refreshed() async throws(GatewayError) -> BoundCredential? {
        asked.update { $0 += 1 }
        defer { ended.update { $0 += 1 } }
        guard let result = try? await token.wait(for: "token", within: .seconds(30), { $0 }) else {
            throw GatewayError(.internalError, "The test gave no token.", source: .gateway)
        }
        return credential(try result.get())
    }

    private func credential(_ token: String) -> BoundCredential? {
        origin.withLock(\.self).map { .bearer(Secret(token), origin: $0) }
    }
}

/// Remembers the requests that ended.
private final class RecordingSink: ExchangeSink, Sendable {
    private let exchanges = Watched<[Exchange]>([])

    func record(_ exchange: Exchange) {
        exchanges.update { $0.append(exchange) }
    }

    func flush() {}

    /// The first one, once it has ended.
    func exchange() async throws -> Exchange {
        try await exchanges.wait(for: "exchange", within: .seconds(5)) { $0.first }
    }
}
