import DataPlane
import Egress
import Foundation
import GatewayCore
import GatewayTestSupport
import NIOCore
import Testing

/// Requests that the gateway relays to a control plane on a Unix domain socket.
@Suite(.timeLimit(.minutes(1))) struct ControlPlaneRelayTests {
    // MARK: Requests and responses

    @Test(arguments: ["/api", "/api/v1/keys?limit=5&x=%2F", "/admin", "/admin/login?next=%2Fadmin"])
    func `A request passes with its target, and without a key`(target: String) async throws {
        try await withControlPlane(FakeUpstreamStep.answer(json: "{}")) { controlPlane, gateway in
            let response = try await gateway.answer(to: Requests.get(target, key: nil))
            #expect(response.status == 200)
            #expect(response.text == "{}")
            #expect(controlPlane.requests.map(\.startLine) == ["GET \(target) HTTP/1.1"])
        }
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
    func `Any method passes`(method: String) async throws {
        let script: [FakeUpstreamStep] = [.awaitRequest, .sendHead(204, [])]
        try await withControlPlane(script) { controlPlane, gateway in
            let response = try await gateway.answer(to: Requests.get("/api/v1/keys", method: method))
            #expect(response.status == 204)
            #expect(controlPlane.requests.map(\.startLine) == ["\(method) /api/v1/keys HTTP/1.1"])
        }
    }

    @Test(arguments: ["CONNECT", "TRACE"]) func `A method that no relay can pass is refused`(method: String)
        async throws
    {
        try await withControlPlane([]) { controlPlane, gateway in
            let response = try await gateway.answer(to: Requests.get("/api/v1/keys", method: method))
            // The HTTP parser may refuse the target of a CONNECT by itself.
            #expect(response.status == 405 || (method == "CONNECT" && [400, 404].contains(response.status)))
            #expect(controlPlane.connections.isEmpty)
        }
    }

    @Test func `The control plane learns who the client is, whatever the client claims`() async throws {
        let claims = [
            "x-forwarded-for: 203.0.113.9", "forwarded: for=203.0.113.9", "x-forwarded-proto: https",
            "x-request-id: mine", "connection: keep-alive, x-hop", "x-hop: 1", "te: trailers", "cookie: session=1",
        ]
        try await withControlPlane(FakeUpstreamStep.answer(json: "{}")) { controlPlane, gateway in
            let head = Requests.head("GET /api/v1/me", headers: claims) + "\r\n"
            let response = try await gateway.answer(to: head)
            let request = try await controlPlane.request()
            #expect(request.headers("x-forwarded-for") == ["127.0.0.1"])
            #expect(request.headers("x-forwarded-proto") == ["http"])
            #expect(request.headers("x-forwarded-host") == ["gateway.test"])
            #expect(request.headers("host") == ["localhost"])
            #expect(request.headers("x-request-id") == ["mine"])
            #expect(request.headers("cookie") == ["session=1"])
            #expect(request.headers("authorization") == ["Bearer \(TestKey.good)"])
            for name in ["forwarded", "x-hop", "te", "connection", "content-length", "transfer-encoding"] {
                #expect(request.headers(name).isEmpty, "\(name)")
            }
            #expect(response.headers("x-request-id") == ["mine"])
        }
    }

    @Test func `A response passes with its status and its end-to-end headers`() async throws {
        let fields = [
            ("content-length", "2"), ("set-cookie", "a=1"), ("set-cookie", "b=2"), ("location", "/admin"),
            ("keep-alive", "timeout=5"), ("connection", "x-hop"), ("x-hop", "1"),
        ]
        try await withControlPlane([.awaitRequest, .sendHead(303, fields), .send("ok")]) { _, gateway in
            let response = try await gateway.answer(to: Requests.get("/admin/login"))
            #expect(response.status == 303)
            #expect(response.text == "ok")
            #expect(response.headers("set-cookie") == ["a=1", "b=2"])
            #expect(response.headers("location") == ["/admin"])
            for name in ["keep-alive", "x-hop", "connection"] { #expect(response.headers(name).isEmpty, "\(name)") }
        }
    }

    @Test func `Requests of a connection follow each other, on one connection to the control plane`() async throws {
        let script = FakeUpstreamStep.answer(json: "[1]") + FakeUpstreamStep.answer(json: "[2]")
        try await withControlPlane(script + FakeUpstreamStep.answer(json: "[3]")) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.get("/api/1") + Requests.post("{}", path: "/api/2"))
                #expect(try await client.response(0).text == "[1]")
                #expect(try await client.response(1).text == "[2]")
                try await client.send(Requests.get("/api/3"))
                #expect(try await client.response(2).text == "[3]")
                #expect(controlPlane.connections.count == 1)
            }
        }
    }

    @Test(arguments: [[("content-length", "9")], [("transfer-encoding", "chunked")], []] as [[(String, String)]])
    func `The response to HEAD has no body, with a length or without one`(fields: [(String, String)]) async throws {
        try await withControlPlane([.awaitRequest, .sendHead(200, fields)]) { _, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.head("HEAD /admin", headers: ["connection: close"]) + "\r\n")
                try await client.end()
                #expect(client.receivedText.hasSuffix("\r\n\r\n"))
                #expect(client.receivedText.hasPrefix("HTTP/1."))
                #expect(!client.receivedText.contains("chunked"))
            }
        }
    }

    @Test func `A client of HTTP 1.0 gets a response without chunks`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitRequest, .sendHead(200, [("transfer-encoding", "chunked")]), .chunk("ab"), .endChunks,
        ]
        try await withControlPlane(script) { _, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send("GET /admin HTTP/1.0\r\n\r\n")
                try await client.end()
                #expect(client.receivedText.hasSuffix("\r\n\r\nab"))
            }
        }
    }

    // MARK: Streams in both directions

    @Test func `A body is passed on while it comes in, and the response while it goes out`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitHead, .sendHead(200, [("transfer-encoding", "chunked")]), .chunk("begun"), .awaitRequest,
            .chunk("ended"), .endChunks,
        ]
        try await withControlPlane(script) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(
                    Requests.head("PUT /api/v1/import", headers: ["transfer-encoding: chunked"]) + "\r\n3\r\nabc\r\n")
                try await client.read(until: "begun")
                try await controlPlane.connection().received("first part") { $0?.body == Array("abc".utf8) }
                try await client.send("2\r\nde\r\n0\r\n\r\n")
                #expect(try await client.response().text == "begunended")
                #expect(String(decoding: try await controlPlane.request().body, as: UTF8.self) == "abcde")
            }
        }
    }

    @Test func `A declared length is declared to the control plane too`() async throws {
        try await withControlPlane(FakeUpstreamStep.answer(json: "{}")) { controlPlane, gateway in
            #expect(try await gateway.answer(to: Requests.post("{}", path: "/api/v1/keys")).status == 200)
            let request = try await controlPlane.request()
            #expect(request.headers("content-length") == ["2"])
            #expect(request.headers("transfer-encoding").isEmpty)
            #expect(String(decoding: request.body, as: UTF8.self) == "{}")
        }
    }

    @Test func `A client that waits for 100 gets it once the control plane takes the body`() async throws {
        try await withControlPlane(FakeUpstreamStep.answer(json: "{}")) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(
                    Requests.head("POST /api/v1/keys", headers: ["content-length: 2", "expect: 100-continue"]) + "\r\n")
                #expect(try await client.response(0).status == 100)
                _ = try await controlPlane.connection()
                try await client.send("{}")
                #expect(try await client.response(1).status == 200)
                #expect(try await controlPlane.request().headers("expect").isEmpty)
            }
        }
    }

    @Test func `A control plane that reads slowly slows the client`() async throws {
        let resume = Gate()
        let script: [FakeUpstreamStep] =
            [.awaitHead, .stopReading, .waitFor(resume), .resumeReading] + FakeUpstreamStep.answer(json: "{}")
        let size = 32 * 1024 * 1024
        try await withControlPlane(script: { _ in script }, settings: { $0.maxRequestBodyBytes = size }) {
            controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                let isSent = Gate()
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        try await client.send(
                            Requests.head("PUT /api/v1/import", headers: ["content-length: \(size)"]) + "\r\n")
                        try await client.send(ByteBuffer(repeating: UInt8(ascii: "x"), count: size))
                        isSent.open()
                    }
                    await #expect(throws: WaitTimeout.self) { try await isSent.wait(within: .seconds(1)) }
                    #expect(try await controlPlane.connection().bytesReceived < 8 * 1024 * 1024)
                    resume.open()
                    try await tasks.waitForAll()
                }
                #expect(try await client.response(within: .seconds(30)).status == 200)
                #expect(try await controlPlane.request().body.count == size)
            }
        }
    }

    @Test func `A client that reads slowly slows the control plane`() async throws {
        let part = FakeUpstreamStep.sendBytes(ByteBuffer(repeating: UInt8(ascii: "x"), count: 1024 * 1024))
        let begin: [FakeUpstreamStep] = [.awaitRequest, .sendHead(200, [("content-length", "\(1 << 40)")])]
        try await withControlPlane(begin + [.repeating([part])]) { controlPlane, gateway in
            try await withRawClient(port: gateway.port, reading: .onDemand) { client in
                try await client.send(Requests.get("/api/v1/export"))
                let connection = try await controlPlane.connection()
                await #expect(throws: WaitTimeout.self) { try await connection.clientLeft(within: .seconds(1)) }
                #expect(connection.bytesSent < 32 * 1024 * 1024)
                let before = connection.bytesSent
                try await client.read(atLeast: 4 * 1024 * 1024, bytesPerSecond: 1_000_000_000)
                #expect(connection.bytesSent > before)
            }
        }
    }

    @Test func `A response that ends before the body is complete, and closes the connection`() async throws {
        let script: [FakeUpstreamStep] = [.awaitHead, .sendHead(403, [("content-length", "2")]), .send("no")]
        try await withControlPlane(script) { controlPlane, gateway in
            try await withRawClient(port: gateway.port) { client in
                try await client.send(Requests.head("PUT /api/v1/import", headers: ["content-length: 9"]) + "\r\n")
                let response = try await client.response()
                #expect(response.status == 403)
                #expect(response.text == "no")
                try await client.end()
                try await controlPlane.connection().clientLeft()
            }
        }
    }
}

/// Provides a gateway that relays to a control plane, which plays the same script on each of its connections.
func withControlPlane(
    _ script: [FakeUpstreamStep], _ body: (FakeUpstream, RunningGateway) async throws -> Void
) async throws {
    try await withControlPlane(script: { _ in script }, body)
}

func withControlPlane(
    script: @escaping @Sendable (Int) -> [FakeUpstreamStep],
    settings: (inout DataPlaneSettings) -> Void = { _ in },
    makeSinks: @escaping @Sendable (any EventLoop) -> [any ExchangeSink] = { _ in [] },
    _ body: (FakeUpstream, RunningGateway) async throws -> Void
) async throws {
    try await withTemporarySocketPath { path in
        try await withFakeUpstream(unixSocket: path, script: script) { controlPlane in
            var setup = GatewaySetup(upstreamPort: 1) { changed in
                changed.controlPlane = .unix(path: path)
                settings(&changed)
            }
            setup.makeSinks = makeSinks
            try await withGateway(setup) { try await body(controlPlane, $0) }
        }
    }
}
