import Egress
import Foundation
import GatewayTestSupport
import NIOCore
import NIOHTTP1
import Testing

/// Bodies that are passed on while the call runs.
@Suite(.timeLimit(.minutes(1))) struct StreamedBodyTests {
    static let mebibyte = 1024 * 1024

    @Test(arguments: [nil, 10]) func `Parts arrive as they are sent`(length: Int?) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                let call = try await pool.send(
                    .to(port: upstream.port, method: .PUT, body: .streamed(length: length)))
                try await call.writable()
                #expect(call.received.value.writability == [true])
                try await call.on { $0.send(ByteBuffer(string: "01234")) }
                let connection = try await upstream.connection()
                try await connection.partialBody("01234")
                try await call.on {
                    $0.send(ByteBuffer())
                    $0.send(ByteBuffer(string: "56789"))
                }
                if length == nil {
                    // A body without a length is not complete before it is finished.
                    try await connection.partialBody("0123456789")
                    #expect(call.received.value.events.isEmpty)
                }
                try await call.on { $0.finishBody() }
                #expect(try await call.end().text == "{}")
                let request = try await upstream.request()
                #expect(String(decoding: request.body, as: UTF8.self) == "0123456789")
                #expect(request.chunkSizes == (length == nil ? [5, 5] : []))
            }
        }
    }

    /// The connection that carried a streamed body serves the next call.
    @Test(arguments: [nil, 2]) func `The connection is kept`(length: Int?) async throws {
        let script = FakeUpstreamStep.answer(json: "{}") + FakeUpstreamStep.answer(json: "[]")
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                for answer in ["{}", "[]"] {
                    let call = try await pool.send(
                        .to(port: upstream.port, method: .POST, body: .streamed(length: length)))
                    try await call.writable()
                    try await call.on {
                        $0.send(ByteBuffer(string: "ab"))
                        $0.finishBody()
                    }
                    #expect(try await call.end().text == answer)
                }
                #expect(upstream.connections.count == 1)
                #expect(upstream.requests.map { $0.body.count } == [2, 2])
            }
        }
    }

    /// The receiver learns of the writability of an idle connection, but not before it has the call.
    @Test func `An idle connection reports after the call is returned`() async throws {
        let script = FakeUpstreamStep.answer(json: "{}") + FakeUpstreamStep.answer(json: "{}")
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                try await pool.send(.to(port: upstream.port)).end()
                let atReturn = Watched<[Bool]?>(nil)
                let received = Watched(Received())
                try await pool.on { pool in
                    let call = pool.send(
                        .to(port: upstream.port, method: .POST, body: .streamed(length: 0)),
                        receiver: RecordingReceiver(received))
                    atReturn.update { $0 = received.value.writability }
                    call.finishBody()
                }
                #expect(atReturn.value == [])
                _ = try await received.wait(for: "end", within: .seconds(10)) { $0.isEnded ? true : nil }
                #expect(upstream.connections.count == 1)
            }
        }
    }

    /// The sender may have read parts before it can stop; they are not lost.
    @Test func `Parts before the connection is up are sent once it is`() async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                let call = try await pool.send(
                    .to(port: upstream.port, host: "localhost", method: .POST, body: .streamed(length: nil))
                ) { call in
                    call.send(ByteBuffer(string: "ab"))
                    call.send(ByteBuffer(string: "cd"))
                    call.finishBody()
                    call.send(ByteBuffer(string: "after the end"))
                }
                #expect(try await call.end().text == "{}")
                #expect(String(decoding: try await upstream.request().body, as: UTF8.self) == "abcd")
            }
        }
    }

    @Test func `The upstream is not writable before TLS is up`() async throws {
        let tls = try UpstreamTLS()
        try await withFakeUpstream(script: []) { upstream in
            try await withPool { pool in
                let call = try await pool.send(
                    .to(
                        port: upstream.port, tls: tls, method: .POST, body: .streamed(length: nil),
                        connectTimeout: .milliseconds(300)))
                #expect(try await call.failure().kind == .unreachable)
                #expect(call.received.value.writability.isEmpty)
            }
        }
    }

    @Test(arguments: [false, true]) func `A slow upstream makes the call not writable`(isEncrypted: Bool) async throws {
        let certificates = try TestCertificates.shared()
        let context = isEncrypted ? try certificates.good.serverContext() : nil
        let tls = isEncrypted ? try UpstreamTLS(trustRoots: certificates.authorityText) : nil
        let gate = Gate()
        let script: [FakeUpstreamStep] =
            [.awaitHead, .stopReading, .waitFor(gate), .resumeReading] + FakeUpstreamStep.answer(json: "{}")
        try await withFakeUpstream(tls: context, script: script) { upstream in
            try await withPool { pool in
                let call = try await pool.send(
                    .to(
                        port: upstream.port, host: "localhost", tls: tls, method: .POST, body: .streamed(length: nil)))
                try await call.writable()
                var sent = 0
                while call.received.value.writability.last == true {
                    try await call.on { $0.send(ByteBuffer(repeating: 7, count: Self.mebibyte)) }
                    sent += Self.mebibyte
                    // Far more than the buffers of two sockets, so that the test ends.
                    try #require(sent < 256 * Self.mebibyte)
                }
                let reports = call.received.value.writability
                #expect(zip(reports, reports.dropFirst()).allSatisfy { $0 != $1 })
                gate.open()
                try await call.writable()
                try await call.on { $0.finishBody() }
                #expect(try await call.end(within: .seconds(30)).text == "{}")
                #expect(try await upstream.request().body.count == sent)
            }
        }
    }

    @Test func `An answer may begin before the body ends`() async throws {
        let script: [FakeUpstreamStep] = [
            .awaitHead, .sendHead(200, [("content-length", "2")]), .send("{"), .awaitRequest, .send("}"), .awaitRequest,
            .sendHead(204, []),
        ]
        try await withFakeUpstream(script: script) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port, method: .POST, body: .streamed(length: nil)))
                try await call.body(atLeast: 1)
                try await call.on {
                    $0.send(ByteBuffer(string: "ab"))
                    $0.finishBody()
                }
                #expect(try await call.end().text == "{}")
                #expect(String(decoding: try await upstream.request().body, as: UTF8.self) == "ab")
                #expect(try await pool.send(.to(port: upstream.port)).end().status == 204)
                #expect(upstream.connections.count == 1)
            }
        }
    }

    @Test func `An answer that ends before the body costs the connection`() async throws {
        let early: [FakeUpstreamStep] = [.awaitHead, .send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")]
        try await withFakeUpstream(script: { $0 == 0 ? early : FakeUpstreamStep.answer(json: "{}") }) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port, method: .POST, body: .streamed(length: 9)))
                #expect(try await call.end().status == 413)
                try await call.on {
                    $0.send(ByteBuffer(string: "too late"))
                    $0.finishBody()
                }
                try await upstream.connection().clientLeft()
                #expect(call.received.value.events == ["head", "end"])
                #expect(upstream.connections[0].partialRequest?.body == [])
                #expect(try await pool.send(.to(port: upstream.port)).end().status == 200)
                #expect(upstream.connections.count == 2)
            }
        }
    }

    @Test(arguments: [nil, 9]) func `A call cancelled within its body closes its connection`(length: Int?) async throws
    {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                let call = try await pool.send(
                    .to(port: upstream.port, method: .POST, body: .streamed(length: length)))
                try await call.writable()
                try await call.on { $0.send(ByteBuffer(string: "ab")) }
                try await upstream.connection().partialBody("ab")
                try await call.on {
                    $0.cancel()
                    $0.send(ByteBuffer(string: "cd"))
                    $0.finishBody()
                }
                try await upstream.connection().clientLeft()
                #expect(upstream.requests.isEmpty)
                #expect(call.received.value.events.isEmpty)
                #expect(upstream.connections[0].partialRequest?.body == Array("ab".utf8))
            }
        }
    }

    @Test(arguments: ["a", "abc"]) func `A body of another length fails the call`(body: String) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port, method: .POST, body: .streamed(length: 2)))
                try await call.writable()
                try await call.on {
                    $0.send(ByteBuffer(string: body))
                    $0.finishBody()
                }
                let failure = try await call.failure()
                #expect(failure.kind == .noAnswer)
                #expect(failure.reason.contains("content-length"))
                try await upstream.connection().clientLeft()
                #expect(upstream.requests.isEmpty)
            }
        }
    }
}

extension FakeUpstreamConnection {
    /// Waits until `text` is the body, so far, of the request that is coming in.
    func partialBody(_ text: String) async throws {
        try await received("body \(text)") { $0?.body == Array(text.utf8) }
    }
}
