import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Synchronization
import Testing

/// A token server, and a clock that only the test moves.
private final class TokenServer: Sendable {
    private struct State {
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        var fetches = 0
        var error: GatewayError?
    }

    static let failure = GatewayError(.upstreamUnreachable, "No token.", source: .upstream, retry: .elsewhere)

    private let state = Mutex(State())
    /// A fetch waits until it is open.
    let gate = Gate()

    var now: NIODeadline { state.withLock(\.now) }
    var fetches: Int { state.withLock(\.fetches) }

    func advance(_ time: TimeAmount) {
        state.withLock { $0.now = $0.now + time }
    }

    func fail(_ error: GatewayError?) {
        state.withLock { $0.error = error }
    }

    /// Tokens that last for a minute and are replaced after 50 s.
    func makeSource() -> RefreshedCredential {
        RefreshedCredential(retryDelay: .seconds(5), now: { self.now }) { () throws(GatewayError) in
            try await self.fetch()
        }
    }

    private func fetch() async throws(GatewayError) -> RefreshedCredential.Fetched {
        try? await gate.wait()
        let (number, now, error) = state.withLock { state in
            state.fetches += 1
            return (state.fetches, state.now, state.error)
        }
        if let error { throw error }
        let origin = UpstreamOrigin(host: "h", port: 1, tls: nil)
        return RefreshedCredential.Fetched(
            .bearer(Secret("token-\(number)"), origin: origin), refreshAt: now + .seconds(50),
            expiresAt: now + .seconds(60))
    }
}

extension CredentialState {
    /// The token that is at hand.
    fileprivate var token: String? {
        if case .ready(let credential) = self { credential?.secret.reveal() } else { nil }
    }
}

@Suite(.timeLimit(.minutes(1))) struct RefreshedCredentialTests {
    private let server = TokenServer()

    @Test func `It is fetched when it is first needed, and then at hand`() async throws {
        server.gate.open()
        let source = server.makeSource()
        #expect(source.current().token == nil && server.fetches == 0)
        #expect(try await source.refreshed()?.value.reveal() == "Bearer token-1")
        for _ in 0..<3 { #expect(source.current().token == "token-1") }
        #expect(try await source.refreshed()?.secret.reveal() == "token-1", "one that is at hand is not fetched")
        #expect(server.fetches == 1)
    }

    @Test func `All who wait share one fetch`() async throws {
        let source = server.makeSource()
        try await withThrowingTaskGroup(of: String?.self) { tasks in
            for _ in 0..<50 { tasks.addTask { try await source.refreshed()?.secret.reveal() } }
            tasks.addTask { [server] in
                server.gate.open()
                return "token-1"
            }
            for try await token in tasks { #expect(token == "token-1") }
        }
        #expect(server.fetches == 1)
    }

    @Test func `All who wait are told of a failure, and the next one asks again`() async throws {
        let source = server.makeSource()
        server.fail(TokenServer.failure)
        await withTaskGroup(of: GatewayError?.self) { tasks in
            for _ in 0..<2 {
                tasks.addTask {
                    do throws(GatewayError) {
                        _ = try await source.refreshed()
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            server.gate.open()
            for await error in tasks { #expect(error == TokenServer.failure) }
        }
        #expect(source.current().token == nil)
        let failed = server.fetches
        server.fail(nil)
        #expect(try await source.refreshed()?.secret.reveal() == "token-\(failed + 1)")
    }

    @Test func `A waiter that is cancelled does not end the fetch of the others`() async throws {
        let source = server.makeSource()
        let cancelled = Task { try await source.refreshed() }  // reason: is cancelled while it waits
        async let other = source.refreshed()
        cancelled.cancel()
        server.gate.open()
        let token = try await other?.secret.reveal()
        #expect(token == "token-1")
        _ = try? await cancelled.value
        #expect(server.fetches == 1 && source.current().token == "token-1")
    }

    @Test func `It is replaced before it expires, while the old one is still used`() async throws {
        server.gate.open()
        let source = server.makeSource()
        _ = try await source.refreshed()
        server.advance(.seconds(49))
        #expect(source.current().token == "token-1" && server.fetches == 1)
        server.advance(.seconds(1))
        #expect(source.current().token == "token-1")
        try await eventually { source.current().token == "token-2" }
        #expect(server.fetches == 2)
    }

    @Test func `While it cannot be replaced the old one is used, and the server is asked now and then`() async throws {
        server.gate.open()
        let source = server.makeSource()
        _ = try await source.refreshed()
        server.fail(TokenServer.failure)
        server.advance(.seconds(52))
        #expect(source.current().token == "token-1")
        try await eventually { server.fetches == 2 }
        for _ in 0..<100 {
            #expect(source.current().token == "token-1")
            await Task.yield()
        }
        #expect(server.fetches == 2, "the delay is not over")
        server.advance(.seconds(6))
        try await eventually { source.current().token == "token-1" && server.fetches == 3 }
        server.advance(.seconds(3))
        #expect(source.current().token == nil, "it has expired")
        server.fail(nil)
        #expect(try await source.refreshed() != nil)
        #expect(source.current().token != nil)
    }

    @Test func `A credential from the configuration is always at hand`() async throws {
        let origin = UpstreamOrigin(host: "h", port: 1, tls: nil)
        let source = StaticCredential(BoundCredential(origin: origin, header: "x-key", value: Secret("s")))
        #expect(source.current().token == "s")
        #expect(try await source.refreshed()?.header == "x-key")
        guard case .ready(nil) = StaticCredential(nil).current() else {
            Issue.record("a provider without a credential is ready")
            return
        }
    }

    private func eventually(_ condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < end)
            await Task.yield()
        }
    }
}
