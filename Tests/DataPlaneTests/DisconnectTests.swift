import DataPlane
import GatewayCore
import GatewayTestSupport
import NIOCore
import Testing

/// A client that disconnects costs its upstream nothing more.
@Suite(.timeLimit(.minutes(1))) struct DisconnectTests {
    enum Leaving: Sendable, CaseIterable {
        case close, reset

        func leave(_ client: RawClient) async throws {
            switch self {
            case .close: await client.close()
            case .reset: try await client.reset()
            }
        }
    }

    @Test(arguments: Leaving.allCases, [false, true]) func `Before the head`(leaving: Leaving, isStream: Bool)
        async throws
    {
        try await withFakeUpstream(script: [.awaitRequest]) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: isStream))
                    _ = try await upstream.request()
                    try await leaving.leave(client)
                    try await upstream.connection().clientLeft(within: .seconds(5))
                }
            }
        }
    }

    @Test(arguments: Leaving.allCases) func `During the stream`(leaving: Leaving) async throws {
        let script = FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a"))]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: true))
                    try await client.read(until: #""content":"a""#)
                    try await leaving.leave(client)
                    try await upstream.connection().clientLeft(within: .seconds(5))
                }
            }
        }
    }

    /// Another request is already waiting behind the current one.
    @Test func `With a pipelined request`() async throws {
        try await withFakeUpstream(script: [.awaitRequest]) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat() + Requests.chat())
                    _ = try await upstream.request()
                    await client.close()
                    try await upstream.connection().clientLeft(within: .seconds(5))
                    #expect(upstream.requests.count == 1)
                }
            }
        }
    }

    @Test func `While the key is looked up`() async throws {
        let gate = Gate()
        try await withFakeUpstream(script: []) { upstream in
            var setup = GatewaySetup(upstream)
            let ends = Watched<[EndReason?]>([])
            setup.makeSinks = { _ in [EndSink(ends)] }
            setup.keys.hold(at: gate)
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat())
                    try await setup.keys.lookups(atLeast: 1)
                    await client.close()
                }
                let end = try await ends.wait(for: "recorded request", within: .seconds(5)) { $0.first }
                #expect(end == .clientCancelled)
                gate.open()
                let next = try await gateway.answer(to: Requests.get("/v1/models"))
                #expect(next.status == 200)
                #expect(upstream.connections.isEmpty)
            }
        }
    }
}

/// How the requests ended.
private final class EndSink: ExchangeSink {
    private let ends: Watched<[EndReason?]>

    init(_ ends: Watched<[EndReason?]>) {
        self.ends = ends
    }

    func record(_ exchange: Exchange) {
        ends.update { $0.append(exchange.endReason) }
    }

    func flush() {}
}
