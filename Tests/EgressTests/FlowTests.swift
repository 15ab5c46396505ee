import Egress
import Foundation
import GatewayTestSupport
import NIOCore
import Testing

/// Bytes in both directions: complete, and no faster than the other side takes them.
@Suite(.timeLimit(.minutes(1))) struct FlowTests {
    static let mebibyte = 1024 * 1024
    /// Far more than the buffers of two sockets contain.
    static let floodSize = 64 * mebibyte

    static func flood(then done: Gate) -> [FakeUpstreamStep] {
        let part = FakeUpstreamStep.sendBytes(ByteBuffer(repeating: UInt8(ascii: "x"), count: mebibyte))
        return [.awaitRequest, .sendHead(200, [("content-length", String(floodSize))])]
            + Array(repeating: part, count: 64) + [.open(done)]
    }

    @Test func `A paused call stops its upstream`() async throws {
        let done = Gate()
        try await withFakeUpstream(script: Self.flood(then: done)) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port)) { $0.pause() }
                await #expect(throws: WaitTimeout.self) { try await done.wait(within: .seconds(1)) }
                #expect(call.received.value.body.isEmpty)
                try await call.on { $0.resume() }
                let received = try await call.end(within: .seconds(30))
                #expect(received.body.count == Self.floodSize)
                try await done.wait(within: .seconds(5))
            }
        }
    }

    @Test func `A call can be paused within its answer`() async throws {
        let done = Gate()
        try await withFakeUpstream(script: Self.flood(then: done)) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port))
                try await call.head()
                try await call.on { $0.pause() }
                let before = call.received.value.body.count
                await #expect(throws: WaitTimeout.self) { try await done.wait(within: .seconds(1)) }
                // Parts that were already read when the call was paused may still come: those of one turn of the loop.
                #expect(call.received.value.body.count - before <= Self.mebibyte)
                try await call.on { $0.resume() }
                #expect(try await call.end(within: .seconds(30)).body.count == Self.floodSize)
                #expect(try await pool.send(.to(port: upstream.port)).received.value.failure == nil)
            }
        }
    }

    @Test(arguments: [false, true]) func `A cancelled call closes its connection`(isPaused: Bool) async throws {
        try await withFakeUpstream(script: FakeUpstreamStep.beginEventStream + [.chunk("x")]) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port))
                try await call.body(atLeast: 1)
                if isPaused { try await call.on { $0.pause() } }
                try await call.on { $0.cancel() }
                try await upstream.connection().clientLeft(within: .seconds(5))
                #expect(call.received.value.events == ["head"])
            }
        }
    }

    /// The connection may be established after the call was cancelled; it must not stay open.
    @Test(arguments: ["127.0.0.1", "localhost"]) func `A call cancelled before it is connected leaves nothing`(
        host: String
    )
        async throws
    {
        try await withFakeUpstream(script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port, host: host)) { $0.cancel() }
                if let connection = try? await upstream.connection(within: .seconds(1)) {
                    try await connection.clientLeft(within: .seconds(5))
                    #expect(connection.bytesReceived == 0)
                }
                #expect(call.received.value.events.isEmpty)
            }
        }
    }

    @Test(arguments: [false, true]) func `A large body in slices arrives complete`(isEncrypted: Bool) async throws {
        let certificates = try TestCertificates.shared()
        let slices = [0, 1, 65_535, 65_536, 65_537, 0, 3 * Self.mebibyte, 7, 7 * Self.mebibyte].enumerated().map {
            index, size in
            ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) })
        }
        let expected = slices.flatMap { $0.readableBytesView }
        let context = isEncrypted ? try certificates.good.serverContext() : nil
        let tls = isEncrypted ? try UpstreamTLS(trustRoots: certificates.authorityText) : nil
        try await withFakeUpstream(tls: context, script: FakeUpstreamStep.answer(json: "{}")) { upstream in
            try await withPool { pool in
                let call = try await pool.send(.to(port: upstream.port, host: "localhost", tls: tls, body: slices))
                #expect(try await call.end(within: .seconds(30)).text == "{}")
                let request = try await upstream.request()
                #expect(request.body == expected)
                #expect(request.headers("content-length") == [String(expected.count)])
                #expect(request.headers("transfer-encoding").isEmpty)
            }
        }
    }
}
