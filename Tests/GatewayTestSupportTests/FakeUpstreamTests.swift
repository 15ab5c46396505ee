import GatewayTestSupport
import NIOCore
import NIOSSL
import Testing

@Suite(.timeLimit(.minutes(1))) struct FakeUpstreamTests {
    private let request = "POST /v1/x HTTP/1.1\r\nHost: a\r\nX-Note:  hi \r\nContent-Length: 5\r\n\r\nhello"

    @Test func `It answers by its script, request after request, and records them`() async throws {
        let script = FakeUpstreamStep.answer(json: #"{"n":1}"#) + FakeUpstreamStep.answer(429, json: #"{"n":2}"#)
        try await withFakeUpstream(script: script) { upstream in
            try await withRawClient(port: upstream.port) { client in
                try await client.send(request + request)
                let first = try await client.response(0)
                let second = try await client.response(1)
                #expect(first.status == 200)
                #expect(first.text == #"{"n":1}"#)
                #expect(second.status == 429)
                #expect(second.headers("content-type") == ["application/json"])
            }
            let recorded = try await upstream.request(1)
            #expect(recorded.startLine == "POST /v1/x HTTP/1.1")
            #expect(recorded.headers("x-note") == ["hi"])
            #expect(recorded.text == "hello")
            #expect(upstream.requests.count == 2)
            #expect(upstream.connections.count == 1)
            #expect(try await upstream.connection().bytesReceived == 2 * request.utf8.count)
        }
    }

    @Test func `A stream stops at a gate until it is opened`() async throws {
        let gate = Gate()
        let script = FakeUpstreamStep.beginEventStream + [.chunk("one"), .waitFor(gate), .chunk("two"), .endChunks]
        try await withFakeUpstream(script: script) { upstream in
            try await withRawClient(port: upstream.port) { client in
                try await client.send(request)
                try await client.read(until: "one")
                await #expect(throws: WaitTimeout.self) { try await client.response(within: .milliseconds(50)) }
                gate.open()
                let response = try await client.response()
                #expect(response.text == "onetwo")
                #expect(response.chunkSizes == [3, 3])
            }
        }
    }

    @Test func `A client that leaves is noticed, whatever the script does`() async throws {
        let script: [FakeUpstreamStep] = [.awaitRequest, .waitFor(Gate())]
        try await withFakeUpstream(script: script) { upstream in
            try await withRawClient(port: upstream.port) { client in
                try await client.send(request)
                _ = try await upstream.request()
                let connection = try await upstream.connection()
                await #expect(throws: WaitTimeout.self) {
                    try await connection.clientLeft(within: .milliseconds(50))
                }
                await client.close()
                try await connection.clientLeft()
            }
        }
    }

    @Test(arguments: [FakeUpstreamStep.close, .reset, .halfClose])
    func `It can cut an answer`(cut: FakeUpstreamStep) async throws {
        try await withFakeUpstream(script: [.awaitHead, .send("HTTP/1.1 200 OK\r\ncontent-le"), cut]) { upstream in
            try await withRawClient(port: upstream.port) { client in
                try await client.send("GET / HTTP/1.1\r\n\r\n")
                try await client.end()
                await #expect(throws: ConnectionEnded.self) { try await client.response() }
            }
        }
    }

    @Test func `Each connection can have its own script`() async throws {
        let script: @Sendable (Int) -> [FakeUpstreamStep] = { index in
            index == 0 ? [.close] : FakeUpstreamStep.answer(json: "{}")
        }
        try await withFakeUpstream(script: script) { upstream in
            try await withRawClient(port: upstream.port) { try await $0.end() }
            try await withRawClient(port: upstream.port) { client in
                try await client.send("GET / HTTP/1.1\r\n\r\n")
                #expect(try await client.response().text == "{}")
            }
            #expect(upstream.connections.count == 2)
        }
    }

    @Test func `A chunked request is decoded`() async throws {
        let script: [FakeUpstreamStep] = [.repeating(FakeUpstreamStep.answer(json: "{}"))]
        try await withFakeUpstream(script: script) { upstream in
            try await withRawClient(port: upstream.port) { client in
                try await client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
                try await client.send("c\r\n0a;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n")
                #expect(try await client.response(0).text == "{}")
                try await client.send(request)
                #expect(try await client.response(1).text == "{}")
            }
            let recorded = try await upstream.request()
            #expect(recorded.text == "abc0123456789")
            #expect(recorded.chunkSizes == [3, 10])
        }
    }

    @Test func `A slow reader slows the sender`() async throws {
        let big = ByteBuffer(repeating: 0x78, count: 64 << 20)
        try await withFakeUpstream(script: [.awaitHead, .sendBytes(big)]) { upstream in
            try await withRawClient(port: upstream.port, reading: .onDemand) { client in
                try await client.send("GET / HTTP/1.1\r\n\r\n")
                try await client.read(atLeast: 4096, bytesPerSecond: 1 << 20)
                #expect(client.received.count >= 4096)
                #expect(client.received.count < 1 << 20)
                #expect(try await upstream.connection().bytesSent == 0)
            }
        }
    }

    @Test func `An upstream that does not read slows the client`() async throws {
        let gate = Gate()
        let script: [FakeUpstreamStep] = [.stopReading, .open(gate), .waitFor(Gate())]
        try await withFakeUpstream(script: script) { upstream in
            try await withRawClient(port: upstream.port) { client in
                try await gate.wait()
                let big = ByteBuffer(repeating: 0x78, count: 64 << 20)
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await client.send(big) }
                    group.addTask { try await client.end(within: .milliseconds(200)) }
                    // Whichever is first: the send cannot finish, so the wait for the server's end fails.
                    await #expect(throws: WaitTimeout.self) { try await group.next() }
                    await client.close()
                }
                #expect(try await upstream.connection().bytesReceived < 64 << 20)
            }
        }
    }

    @Test func `TLS is verified: the good certificate is taken, the others are refused`() async throws {
        let certificates = try TestCertificates.shared()
        let trusting = try certificates.clientContext()
        for (server, isGood) in [
            (certificates.good, true), (certificates.wrongName, false), (certificates.expired, false),
        ] {
            let script = FakeUpstreamStep.answer(json: "{}")
            try await withFakeUpstream(tls: server.serverContext(), script: script) { upstream in
                #expect(upstream.url == "https://localhost:\(upstream.port)")
                try await withRawClient(port: upstream.port, tls: trusting) { client in
                    do {
                        try await client.send(request)
                        #expect(try await client.response().text == "{}")
                        #expect(isGood)
                    } catch {
                        #expect(!isGood, "\(error)")
                    }
                }
            }
        }
    }
}
