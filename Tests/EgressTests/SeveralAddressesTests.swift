import Egress
import GatewayTestSupport
import NIOCore
import NIOPosix
import Testing

/// Names with several addresses, some of which do not answer.
@Suite(.timeLimit(.minutes(1))) struct SeveralAddressesTests {
    @Test func `Another address is used after a refusal`() async throws {
        try await withPortWithoutListener { closed in
            try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
                let resolver = FixedResolver(ports: [closed, upstream.port])
                let pool = try await TestPool.make(resolver: resolver)
                let call = try await pool.send(.to(port: upstream.port))
                #expect(try await call.end().failure == nil)
                #expect(upstream.requests.count == 1)
            }
        }
    }

    @Test func `A name without an address that answers is unreachable`() async throws {
        try await withPortWithoutListener { closed in
            let pool = try await TestPool.make(resolver: FixedResolver(ports: [closed, closed]))
            let failure = try await pool.send(.to(port: closed)).failure()
            #expect(failure.kind == .unreachable)
        }
    }
}

/// Resolves every name to the same addresses of this machine.
struct FixedResolver: Resolver, Sendable {
    let ports: [Int]

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        return eventLoop.makeCompletedFuture {
            try ports.map { try SocketAddress(ipAddress: "127.0.0.1", port: $0) }
        }
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        MultiThreadedEventLoopGroup.singleton.any().makeSucceededFuture([])
    }

    func cancelQueries() {}
}
