import DataPlane
import GatewayCore
import GatewayTestSupport
import NIOCore
import Testing

/// The cache of keys, and its lifetime.
@Suite(.timeLimit(.minutes(1))) struct KeyCacheTests {
    /// The status that each of these keys gets, on one connection and so on one event loop.
    private func statuses(_ keys: [String], over client: RawClient, from first: Int = 0) async throws -> [Int?] {
        var statuses: [Int?] = []
        for (index, key) in keys.enumerated() {
            try await client.send(Requests.get("/v1/models", key: key))
            statuses.append(try await client.response(first + index).status)
        }
        return statuses
    }

    @Test func `A known key is not looked up again`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let keys = [TestKey.good, TestKey.good, TestKey.wrongSecret, TestKey.good]
                let statuses = try await statuses(keys, over: client)
                #expect(statuses == [200, 200, 401, 200])
                #expect(gateway.keys.lookups == ["goodgood"])
            }
        }
    }

    @Test func `An unknown key is not looked up for each request`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                // Pipelined, so that they arrive within the second for which an absence is cached.
                try await client.send(String(repeating: Requests.get("/v1/models", key: TestKey.unknown), count: 20))
                let last = try await client.response(19)
                #expect(last.status == 401)
                #expect(gateway.keys.lookups.count <= 2)
            }
        }
    }

    @Test func `A revoked key is refused once keys are invalidated`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let before = try await statuses([TestKey.good], over: client)
                gateway.keys.set(TestKey.record(TestKey.good, revokedAt: 1))
                let cached = try await statuses([TestKey.good], over: client, from: 1)
                await gateway.server.invalidateKeys()
                let after = try await statuses([TestKey.good], over: client, from: 2)
                #expect([before, cached, after] == [[200], [200], [401]])
                let answer = try await client.response(2)
                #expect(try answer.errorBody().code == "api_key_revoked")
            }
        }
    }

    @Test func `A key made after it was asked for is found once keys are invalidated`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let before = try await statuses([TestKey.unknown], over: client)
                gateway.keys.set(TestKey.record(TestKey.unknown))
                await gateway.server.invalidateKeys()
                let after = try await statuses([TestKey.unknown], over: client, from: 1)
                #expect([before, after] == [[401], [200]])
            }
        }
    }

    /// A look-up that started before a change may have read the old state; its result must not be cached.
    @Test func `A look-up under way does not bring back what was invalidated`() async throws {
        let gate = Gate()
        let setup = GatewaySetup(upstreamPort: 1)
        setup.keys.hold(at: gate)
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/v1/models"))
                try await gateway.keys.lookups(atLeast: 1)
                await gateway.server.invalidateKeys()
                gate.open()
                _ = try await client.response()
                _ = try await statuses([TestKey.good], over: client, from: 1)
                #expect(gateway.keys.lookups.count == 2)
            }
        }
    }

    @Test func `Requests that wait for one key share a look-up`() async throws {
        let gate = Gate()
        let setup = GatewaySetup(upstreamPort: 1)
        setup.keys.hold(at: gate)
        try await withGateway(setup) { gateway in
            try await withThrowingTaskGroup(of: Int?.self) { tasks in
                for _ in 0..<20 {
                    tasks.addTask {
                        try await gateway.answer(to: Requests.get("/v1/models"), within: .seconds(40)).status
                    }
                }
                try await gateway.keys.lookups(atLeast: 1)
                gate.open()
                for try await status in tasks { #expect(status == 200) }
                #expect(gateway.keys.lookups.count <= System.coreCount, "more than one for each event loop")
            }
        }
    }

    /// Each connection goes to the next event loop.
    @Test func `A key that one event loop knows is known to all, also with the database down`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let first = try await gateway.answer(to: Requests.get("/v1/models"))
            gateway.keys.set(isDown: true)
            for _ in 0..<(2 * System.coreCount) {
                let next = try await gateway.answer(to: Requests.get("/v1/models"))
                #expect(first.status == 200 && next.status == 200)
            }
            #expect(gateway.keys.lookups == ["goodgood"])
            gateway.keys.set(isDown: false)
            gateway.keys.set(TestKey.record(TestKey.good, revokedAt: 1))
            await gateway.server.invalidateKeys()
            for _ in 0..<(2 * System.coreCount) {
                let revoked = try await gateway.answer(to: Requests.get("/v1/models"))
                #expect(revoked.status == 401)
            }
        }
    }

    @Test func `With the database down known keys stay valid`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let before = try await statuses([TestKey.good], over: client)
                gateway.keys.set(isDown: true)
                let during = try await statuses(
                    [TestKey.good, TestKey.limited, TestKey.wrongSecret], over: client, from: 1)
                let refused = try await client.response(2)
                gateway.keys.set(isDown: false)
                let after = try await statuses([TestKey.limited], over: client, from: 4)
                #expect([before, during, after] == [[200], [200, 503, 401], [200]])
                let error = try refused.errorBody()
                #expect(error.code == "not_ready")
                #expect(!error.message.contains("Unreachable"), "causes are for the log")
            }
        }
    }

    // MARK: Strangers

    /// Keys that do not exist.
    private func strangers(_ count: Int) -> [String] {
        (0..<count).map { "gwk_stranger\($0).0123456789abcdef0123456789abcdef" }
    }

    @Test func `Requests that wait for an unknown key take no place of one with a known key`() async throws {
        let gate = Gate()
        let setup = GatewaySetup(upstreamPort: 1) { $0.maxConcurrentRequests = 1 }
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let before = try await statuses([TestKey.good], over: client)
                setup.keys.hold(at: gate)
                try await withThrowingTaskGroup(of: Int?.self) { tasks in
                    for _ in 0..<20 {
                        tasks.addTask {
                            try await gateway.answer(
                                to: Requests.get("/v1/models", key: TestKey.unknown), within: .seconds(40)
                            ).status
                        }
                    }
                    try await gateway.keys.lookups(atLeast: 2)
                    let during = try await statuses(
                        Array(repeating: TestKey.good, count: 20), over: client, from: 1)
                    #expect(before + during == Array(repeating: 200, count: 21))
                    gate.open()
                    for try await status in tasks { #expect(status == 401) }
                }
            }
        }
    }

    /// After a change of the database everything is read again; invented keys must not be read instead.
    @Test func `A flood of unknown keys does not keep a key from being read again`() async throws {
        let gate = Gate()
        let setup = GatewaySetup(upstreamPort: 1)
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port) { client in
                let before = try await statuses([TestKey.good], over: client)
                setup.keys.hold(at: gate)
                try await withThrowingTaskGroup(of: Int?.self) { tasks in
                    for key in strangers(600) {
                        tasks.addTask {
                            try await gateway.answer(
                                to: Requests.get("/v1/models", key: key), within: .seconds(40)
                            ).status
                        }
                    }
                    // The small budget is used up when a stranger is refused.
                    #expect(try await tasks.next() == 503)
                    await gateway.server.invalidateKeys()
                    try await client.send(Requests.get("/v1/models"))
                    try await setup.keys.lookup(of: "goodgood", atLeast: 2)
                    gate.open()
                    let after = try await client.response(1, within: .seconds(20)).status
                    #expect(before + [after] == [200, 200])
                    for try await status in tasks { #expect(status == 401 || status == 503) }
                }
                #expect(setup.keys.lookups.count < 600)
            }
        }
    }

    /// Who has only the public id, which lists and logs show, is a stranger.
    @Test func `A wrong secret of a known key is a stranger's while keys are read again`() async throws {
        let gate = Gate()
        let setup = GatewaySetup(upstreamPort: 1)
        try await withGateway(setup) { gateway in
            try await withRawClient(port: gateway.port) { client in
                _ = try await statuses([TestKey.good], over: client)
                await gateway.server.invalidateKeys()
                setup.keys.hold(at: gate)
                try await withThrowingTaskGroup(of: Int?.self) { tasks in
                    for _ in 0..<400 {
                        tasks.addTask {
                            try await gateway.answer(
                                to: Requests.get("/v1/models", key: TestKey.wrongSecret), within: .seconds(40)
                            ).status
                        }
                    }
                    #expect(try await tasks.next() == 503, "no more than 256 wait")
                    try await client.send(Requests.get("/v1/models"))
                    gate.open()
                    let after = try await client.response(1, within: .seconds(20)).status
                    #expect(after == 200)
                    for try await status in tasks { #expect(status == 401 || status == 503) }
                }
            }
        }
    }
}
