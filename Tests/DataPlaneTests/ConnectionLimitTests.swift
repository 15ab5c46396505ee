import DataPlane
import GatewayTestSupport
import NIOCore
import Testing

/// How many connections there may be, and what they may cost before there is a request.
@Suite(.timeLimit(.minutes(1))) struct ConnectionLimitTests {
    /// Connections that are open at the same time, in the order in which they were made.
    private func withClients<Result: Sendable>(
        _ count: Int, _ port: Int, sending text: String = "", _ body: ([RawClient]) async throws -> Result
    ) async throws -> Result {
        var clients: [RawClient] = []
        for _ in 0..<count {
            let client = try await RawClient.connect(port: port)
            clients.append(client)
            // It may be closed already, in favour of the next one.
            if !text.isEmpty { try? await client.send(text) }
        }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body(clients)) } catch { outcome = .failure(error) }
        for client in clients { await client.close() }
        return try outcome.get()
    }

    /// Whether that many of them are closed within a few seconds: which ones depends on their event loops.
    private func ended(_ clients: [RawClient], atLeast count: Int) async -> Bool {
        await withTaskGroup(of: Bool.self) { tasks in
            for client in clients { tasks.addTask { (try? await client.end(within: .seconds(10))) != nil } }
            var ended = 0
            for await hasEnded in tasks where hasEnded {
                ended += 1
                if ended == count { tasks.cancelAll() }
            }
            return ended >= count
        }
    }

    @Test func `At the limit a connection without a request gives way to a new one`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1) { $0.maxConnections = 8 }) { gateway in
            try await withClients(40, gateway.port) { clients in
                #expect(await ended(clients, atLeast: 32))
                let answer = try await gateway.answer(to: Requests.get("/healthz", key: nil))
                #expect(answer.status == 200)
            }
        }
    }

    /// Without a key a client may ask for any number of probes at once, and so have answers that it does not read.
    @Test(arguments: [false, true]) func `A client that reads nothing of its answers gives way`(ends: Bool) async throws
    {
        let probe = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
        let setup = GatewaySetup(upstreamPort: 1) {
            $0.maxConnections = 8
            $0.crowdedStallTimeout = .milliseconds(300)
        }
        try await withGateway(setup) { gateway in
            var clients: [RawClient] = []
            // More than there is place for: those that have not asked for enough yet give way at once.
            for _ in 0..<40 {
                guard let client = try? await RawClient.connect(port: gateway.port, reading: .onDemand) else {
                    continue
                }
                clients.append(client)
                // The gateway stops reading, too, and may close it.
                try? await client.send(String(repeating: probe, count: 4000))
                if ends { try? await client.halfClose() }
            }
            var hasAnswer = false
            let end = ContinuousClock.now + .seconds(20)
            while !hasAnswer, ContinuousClock.now < end {
                hasAnswer = (try? await gateway.answer(to: Requests.get("/healthz", key: nil)))?.status == 200
            }
            #expect(hasAnswer)
            for client in clients { await client.close() }
        }
    }

    /// It makes place only when it stops.
    @Test func `A client that reads its answers slowly does not give way`() async throws {
        let setup = GatewaySetup(upstreamPort: 1) {
            $0.maxConnections = 4
            $0.crowdedStallTimeout = .seconds(6)
        }
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port, reading: .onDemand) { slow in
                try await slow.send(String(repeating: "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", count: 4000))
                try await slow.read(atLeast: 100, bytesPerSecond: 1_000_000)
                try await withClients(40, gateway.port) { clients in
                    #expect(await ended(clients, atLeast: 37))
                    try await slow.read(atLeast: 250_000, bytesPerSecond: 200_000)
                }
            }
        }
    }

    @Test func `A connection with a request does not give way`() async throws {
        let gate = Gate()
        let script: [FakeUpstreamStep] =
            [.awaitRequest, .waitFor(gate)] + FakeUpstreamStep.answer(json: Answers.completion).dropFirst()
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.maxConnections = 4 }) { gateway in
                try await withRawClient(port: gateway.port) { busy in
                    try await busy.send(Requests.chat())
                    _ = try await upstream.request()
                    try await withClients(40, gateway.port) { clients in
                        #expect(await ended(clients, atLeast: 36))
                        gate.open()
                        let answer = try await busy.response()
                        #expect(answer.status == 200)
                    }
                }
            }
        }
    }

    /// Half a head costs memory until it is complete or its time is over.
    @Test(arguments: ["", "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"])
    func `Incomplete heads are bounded all together`(before: String) async throws {
        let half = before + "POST / HTTP/1.1\r\nx-long: " + String(repeating: "x", count: 30_000)
        let setup = GatewaySetup(upstreamPort: 1) { $0.maxIncompleteHeadBytes = 1 }
        try await withGateway(setup) { gateway in
            // A loop keeps 256 KiB at least.
            try await withClients(20 * System.coreCount, gateway.port, sending: half) { clients in
                #expect(await ended(clients, atLeast: 1))
                let answer = try await gateway.answer(to: Requests.get("/v1/models"))
                #expect(answer.status == 200)
            }
        }
    }
}
