import DataPlane
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// A slow reader slows only its own upstream.
@Suite(.timeLimit(.minutes(1))) struct BackPressureTests {
    static let partCount = 64
    /// Far more than all sockets' buffers: 64 MiB.
    static func flood(then done: Gate) -> [FakeUpstreamStep] {
        let event = Answers.content(String(repeating: "x", count: 64 * 1024))
        let part = FakeUpstreamStep.chunk(String(repeating: event, count: 16))
        return FakeUpstreamStep.beginEventStream + Array(repeating: part, count: partCount)
            + [.open(done), .chunk(Answers.finish + Answers.done), .endChunks]
    }

    /// Runs `body` with a client that does not read a large answer, and the gate that opens when the upstream has sent
    /// all of it.
    private func withFlood(
        timeouts: ProviderTimeouts = ProviderTimeouts(), stall: TimeAmount = .seconds(300),
        keepAlive: TimeAmount = .seconds(15),
        _ check: (FakeUpstream, RunningGateway, RawClient, Gate) async throws -> Void
    ) async throws {
        let done = Gate()
        let flood = Self.flood(then: done)
        let other = FakeUpstreamStep.answer(json: Answers.completion)
        try await withFakeUpstream(script: { $0 == 0 ? flood : other }) { upstream in
            let setup = GatewaySetup(upstream, timeouts: timeouts) {
                $0.stallTimeout = stall
                $0.keepAliveInterval = keepAlive
            }
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port, reading: .onDemand) { client in
                    try await client.send(Requests.chat(stream: true))
                    _ = try await upstream.request()
                    try await check(upstream, gateway, client, done)
                }
            }
        }
    }

    @Test func `Pauses its upstream`() async throws {
        try await withFlood { upstream, gateway, client, done in
            await #expect(throws: WaitTimeout.self) { try await done.wait(within: .seconds(1)) }
            #expect(upstream.connections[0].bytesSent < 32 * 1024 * 1024)
            let answer = try await gateway.answer(to: Requests.chat())
            #expect(answer.status == 200)
            await client.close()
            try await upstream.connection().clientLeft()
        }
    }

    /// A paused upstream is not late, however short its own limit is.
    @Test func `Does not run into the upstream's time limit`() async throws {
        try await withFlood(timeouts: ProviderTimeouts(idle: .milliseconds(200))) { upstream, _, client, _ in
            await #expect(throws: WaitTimeout.self) {
                try await upstream.connection().clientLeft(within: .milliseconds(1500))
            }
            #expect(client.received.isEmpty)
        }
    }

    @Test func `Is given up when it reads nothing`() async throws {
        try await withFlood(stall: .milliseconds(300)) { upstream, _, _, _ in
            try await upstream.connection().clientLeft(within: .seconds(10))
        }
    }

    /// The keep-alives that it cannot be sent are due all the time.
    @Test func `Is given up in spite of the keep-alives that it does not read`() async throws {
        try await withFlood(stall: .seconds(1), keepAlive: .milliseconds(100)) { upstream, _, _, _ in
            try await upstream.connection().clientLeft(within: .seconds(10))
        }
    }

    @Test func `Gets everything in the end`() async throws {
        try await withFlood { _, _, client, done in
            try await client.read(atLeast: 100_000, bytesPerSecond: 1_000_000)
            #expect(!done.isOpen)
            try await client.read(atLeast: Self.partCount * 16 * 64 * 1024, bytesPerSecond: 1_000_000_000)
            #expect(done.isOpen)
        }
    }
}
