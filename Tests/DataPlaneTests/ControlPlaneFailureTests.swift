import DataPlane
import Egress
import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// Relayed requests that do not end well.
@Suite(.timeLimit(.minutes(1))) struct ControlPlaneFailureTests {
    @Test func `Without a control plane the response is not_ready`() async throws {
        try await withGateway(GatewaySetup(upstreamPort: 1)) { gateway in
            let response = try await gateway.answer(to: Requests.get("/api/v1/keys", key: nil))
            #expect(response.status == 503)
            #expect(try response.errorBody().code == "not_ready")
        }
    }

    @Test func `An unreachable control plane is a 502 that does not name its address`() async throws {
        try await withTemporarySocketPath { path in
            let setup = GatewaySetup(upstreamPort: 1) { $0.controlPlane = .unix(path: path) }
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    for index in 0..<2 {
                        try await client.send(Requests.get("/admin"))
                        let response = try await client.response(index)
                        #expect(response.status == 502)
                        #expect(try response.errorBody().code == "upstream_unreachable")
                        #expect(!response.text.contains(path))
                    }
                }
            }
        }
    }

    @Test(arguments: [[.close], [.reset], [.send("SSH-2.0\r\n")]] as [[FakeUpstreamStep]])
    func `A control plane that does not answer is a 502`(failure: [FakeUpstreamStep]) async throws {
        try await withControlPlane([.awaitRequest] + failure) { _, gateway in
            let response = try await gateway.answer(to: Requests.get("/admin"))
            #expect(response.status == 502)
            #expect(try response.errorBody().code == "upstream_error")
        }
    }

    @Test func `A response that breaks off is cut, so that it does not look complete`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(200, [("transfer-encoding", "chunked")]), .chunk("ab"), .close,
        ]
        try await withControlPlane(script) { _, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/admin"))
                try await client.end()
                #expect(client.receivedText.contains("\r\nab\r\n"))
                #expect(!client.receivedText.contains("\r\n0\r\n"))
            }
        }
    }

    // MARK: The client leaves

    @Test(arguments: DisconnectTests.Leaving.allCases)
    func `A client that leaves before the response cancels the call`(leaving: DisconnectTests.Leaving) async throws {
        try await withControlPlane([.awaitRequest]) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/api/v1/keys"))
                _ = try await controlPlane.request()
                try await leaving.leave(client)
                try await controlPlane.connection().clientLeft()
            }
        }
    }

    @Test func `A client that leaves within its body cancels the call`() async throws {
        try await withControlPlane([.awaitRequest]) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.head("PUT /api/v1/x", headers: ["content-length: 9"]) + "\r\nab")
                try await controlPlane.connection().received("part") { $0?.body.count == 2 }
                await client.close()
                try await controlPlane.connection().clientLeft()
                #expect(controlPlane.requests.isEmpty)
            }
        }
    }

    @Test func `A client that leaves within the response cancels the call`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(200, [("transfer-encoding", "chunked")]), .chunk("ab"),
        ]
        try await withControlPlane(script) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/admin"))
                try await client.read(until: "ab")
                await client.close()
                try await controlPlane.connection().clientLeft()
            }
        }
    }

    // MARK: Limits and deadlines

    @Test func `A body beyond the limit is refused, whether its length is declared or not`() async throws {
        let limited: (inout DataPlaneSettings) -> Void = { $0.maxRequestBodyBytes = 4 }
        try await withControlPlane(script: { _ in [.awaitRequest] }, settings: limited) { controlPlane, gateway in
            let declared = try await gateway.answer(to: Requests.post("12345", path: "/api/v1/keys"))
            #expect(declared.status == 413)
            #expect(controlPlane.connections.isEmpty)
            let chunked =
                Requests.head("POST /api/v1/keys", headers: ["transfer-encoding: chunked"])
                + "\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"
            #expect(try await gateway.answer(to: chunked).status == 413)
            if let connection = controlPlane.connections.first { try await connection.clientLeft() }
            #expect(controlPlane.requests.isEmpty)
        }
    }

    @Test func `A body that is not HTTP is refused`() async throws {
        try await withControlPlane([.awaitRequest]) { controlPlane, gateway in
            let request =
                Requests.head("POST /api/v1/keys", headers: ["transfer-encoding: chunked"]) + "\r\nnonsense\r\n"
            let response = try await gateway.answer(to: request)
            #expect(response.status == 400)
            #expect(controlPlane.requests.isEmpty)
        }
    }

    @Test func `A control plane that takes too long to answer is a 504`() async throws {
        let short = ProviderTimeouts(connect: .milliseconds(100), head: .milliseconds(100))
        try await withControlPlane(script: { _ in [.awaitRequest] }, settings: { $0.controlPlaneTimeouts = short }) {
            controlPlane, gateway in
            let response = try await gateway.answer(to: Requests.get("/admin"))
            #expect(response.status == 504)
            #expect(try response.errorBody().code == "upstream_timeout")
            try await controlPlane.connection().clientLeft()
        }
    }

    @Test func `A response that falls silent is cut`() async throws {
        let short = ProviderTimeouts(idle: .milliseconds(200))
        let script: [FakeUpstreamStep] = [.awaitRequest, .sendHead(200, [("content-length", "9")]), .send("ab")]
        try await withControlPlane(script: { _ in script }, settings: { $0.controlPlaneTimeouts = short }) {
            controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/admin"))
                try await client.end()
                #expect(client.receivedText.hasSuffix("\r\n\r\nab"))
                try await controlPlane.connection().clientLeft()
            }
        }
    }

    @Test func `A client that stops sending its body is refused`() async throws {
        try await withControlPlane(
            script: { _ in [.awaitRequest] }, settings: { $0.bodyTimeout = .milliseconds(200) }
        ) { controlPlane, gateway in
            let request = Requests.head("PUT /api/v1/x", headers: ["content-length: 9"]) + "\r\nab"
            let response = try await gateway.answer(to: request)
            #expect(response.status == 408)
            try await controlPlane.connection().clientLeft()
        }
    }

    @Test func `A client that reads nothing is disconnected`() async throws {
        let part = FakeUpstreamStep.sendBytes(ByteBuffer(repeating: UInt8(ascii: "x"), count: 1024 * 1024))
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(200, [("content-length", "\(1 << 30)")]), .repeating([part]),
        ]
        try await withControlPlane(script: { _ in script }, settings: { $0.stallTimeout = .milliseconds(300) }) {
            controlPlane, gateway in
            try await withRawClient(port: gateway.port, reading: .onDemand) { client in
                try await client.send(Requests.get("/api/v1/export"))
                try await controlPlane.connection().clientLeft(within: .seconds(10))
            }
        }
    }

    @Test func `More requests than the limit are refused, and take no place of callers`() async throws {
        try await withControlPlane(
            script: { _ in [.awaitRequest] },
            settings: {
                $0.maxControlPlaneRequests = 1
                $0.maxConcurrentRequests = 1
            }
        ) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/admin"))
                _ = try await controlPlane.request()
                let refused = try await gateway.answer(to: Requests.get("/admin"))
                #expect(refused.status == 503)
                #expect(try refused.errorBody().code == "overloaded")
                #expect(try await gateway.answer(to: Requests.get("/v1/models")).status == 200)
                await client.close()
                try await controlPlane.connection().clientLeft()
            }
        }
    }

    @Test func `A stop ends relayed requests when its time is over`() async throws {
        try await withControlPlane(script: { _ in [.awaitRequest] }, settings: { $0.shutdownGrace = .zero }) {
            controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/admin"))
                _ = try await controlPlane.request()
                await gateway.stop()
                #expect(try await client.response().status == 503)
                try await controlPlane.connection().clientLeft()
            }
        }
    }

    // MARK: The record

    @Test func `Every relayed request is recorded once`() async throws {
        let recorded = Watched<[Exchange]>([])
        let script: @Sendable (Int) -> [FakeUpstreamStep] = {
            $0 == 0 ? FakeUpstreamStep.answer(201, json: "{}") + [.awaitRequest, .close] : [.awaitRequest, .close]
        }
        try await withControlPlane(script: script, makeSinks: { _ in [RecordingSink(recorded)] }) { _, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/api/v1/keys?secret=1"))
                _ = try await client.response(0)
                try await client.send(Requests.post("{}", path: "/admin/login"))
                _ = try await client.response(1)
            }
            let exchanges = try await recorded.wait(for: "two records", within: .seconds(5)) {
                $0.count == 2 ? $0 : nil
            }
            #expect(exchanges.map(\.path) == ["/api/v1/keys", "/admin/login"])
            #expect(exchanges.map(\.status) == [201, 502])
            #expect(exchanges.map(\.endReason) == [.complete, .upstreamError])
            #expect(exchanges.map(\.operation) == [nil, nil])
            #expect(exchanges[1].error?.cause?.contains("unix:") == true)
        }
    }
}

/// Keeps what it records.
private final class RecordingSink: ExchangeSink {
    private let exchanges: Watched<[Exchange]>

    init(_ exchanges: Watched<[Exchange]>) {
        self.exchanges = exchanges
    }

    func record(_ exchange: Exchange) {
        exchanges.update { $0.append(exchange) }
    }

    func flush() {}
}
