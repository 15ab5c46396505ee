import DataPlane
import GatewayCore
import GatewayTestSupport
import NIOCore
import Providers
import Testing

/// The failures that may follow the first event of a stream.
struct BrokenStream: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let events: String
    let end: [FakeUpstreamStep]
    let code: ErrorCode

    init(_ name: String, _ events: String, _ code: ErrorCode, end: [FakeUpstreamStep] = [.endChunks]) {
        testDescription = name
        self.events = events
        self.end = end
        self.code = code
    }

    static let all = [
        BrokenStream("without a finish", ": ping\n\n", .upstreamStreamTruncated),
        BrokenStream("done without a finish", Answers.done, .upstreamStreamTruncated),
        BrokenStream("cut within an event", "data: {\"id\":\"c", .upstreamStreamTruncated, end: [.close]),
        BrokenStream("reset", ": ping\n\n", .upstreamStreamTruncated, end: [.reset]),
        BrokenStream("malformed", "data: {nonsense\n\n", .upstreamError),
        BrokenStream("not an object", "data: 1\n\n", .upstreamError),
        BrokenStream("an error", "data: {\"error\":{\"message\":\"upstream's text\"}}\n\n", .upstreamError),
        BrokenStream("a named error", "event: error\ndata: {\"message\":\"upstream's text\"}\n\n", .upstreamError),
        BrokenStream("an endless event", "data: " + String(repeating: "x", count: 33 << 20), .upstreamError, end: []),
    ]
}

/// Streams through the gateway.
@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    static let whole = Answers.content("hello, wörld") + Answers.content("again") + Answers.finish + Answers.done

    /// A stream whose bytes arrive in pieces of this size, each a separate chunk.
    static func script(_ text: String, pieces size: Int) -> [FakeUpstreamStep] {
        let bytes = Array(text.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map { start -> FakeUpstreamStep in
            let piece = bytes[start..<min(start + size, bytes.count)]
            var chunk = ByteBuffer(string: String(piece.count, radix: 16) + "\r\n")
            chunk.writeBytes(piece)
            chunk.writeString("\r\n")
            return .sendBytes(chunk)
        }
        return FakeUpstreamStep.beginEventStream + pieces + [.endChunks]
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 100_000]) func `The model is the caller's however the bytes are split`(
        size: Int
    )
        async throws
    {
        try await withFakeUpstream(script: Self.script(Self.whole, pieces: size)) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat("vendor/second", stream: true))
                #expect(answer.status == 200)
                #expect(answer.headers("content-type") == ["text/event-stream; charset=utf-8"])
                #expect(answer.text == Self.whole.replacing("up-model", with: "vendor/second"))
            }
        }
    }

    @Test func `An event goes out before the next one has come`() async throws {
        let gates = (0..<3).map { _ in Gate() }
        let script =
            FakeUpstreamStep.beginEventStream + [
                .waitFor(gates[0]), .chunk(Answers.content("first")), .waitFor(gates[1]),
                .chunk(Answers.content("second")),
                .waitFor(gates[2]), .chunk(Answers.finish + Answers.done), .endChunks,
            ]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: true))
                    try await client.read(until: "\r\n\r\n")
                    gates[0].open()
                    try await client.read(until: "first")
                    gates[1].open()
                    try await client.read(until: "second")
                    gates[2].open()
                    #expect(try await client.response().events.last == "[DONE]")
                }
            }
        }
    }

    @Test func `What the caller relies on is added`() async throws {
        let events = Answers.content("a") + Answers.finish
        try await withFakeUpstream(script: Self.script(events, pieces: 100_000)) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(answer.events.count == 3)
                #expect(answer.events.last == "[DONE]")
            }
        }
    }

    @Test(arguments: BrokenStream.all) func `A broken stream ends with an error`(broken: BrokenStream) async throws {
        let gate = Gate()
        let script =
            FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a")), .waitFor(gate), .chunk(broken.events)]
            + broken.end
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream)) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: true))
                    try await client.read(until: #""content":"a""#)
                    gate.open()
                    let answer = try await client.response()
                    let error = try answer.lastEventError()
                    #expect(error.code == broken.code.rawValue)
                    #expect(!answer.events.contains("[DONE]"))
                    #expect(answer.headers("x-request-id") == [error.requestID])
                    #expect(!error.message.contains("upstream's text"))
                    try await client.end()
                }
            }
        }
    }

    @Test func `A silent stream ends with a timeout`() async throws {
        let script = FakeUpstreamStep.beginEventStream + [.chunk(Answers.content("a"))]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream, timeouts: UpstreamErrorTests.timeouts)) { gateway in
                let answer = try await gateway.answer(to: Requests.chat(stream: true))
                #expect(try answer.lastEventError().code == "upstream_timeout")
                try await upstream.connection().clientLeft()
            }
        }
    }

    /// From the end of the hold-back on, before the first event; a comment is part of the next event's block, since
    /// SDKs make an event of each blank line.
    @Test(arguments: [1, 3])
    func `A stream is kept alive before its first event too`(attempts: Int) async throws {
        let gate = Gate()
        let script =
            FakeUpstreamStep.beginEventStream + [
                .waitFor(gate), .chunk("id: 7\n" + Answers.content("a") + Answers.finish + Answers.done), .endChunks,
            ]
        try await withFakeUpstream(script: script) { upstream in
            let setup = GatewaySetup(upstream) {
                $0.keepAliveInterval = .milliseconds(100)
                $0.streamBufferTimeout = .milliseconds(100)
                $0.attempts = .init(maxAttempts: attempts)
            }
            try await withGateway(setup) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: true))
                    try await client.read(until: ": keep-alive\n")
                    gate.open()
                    let text = try await client.response().text
                    #expect(text.hasPrefix(": keep-alive\n") && !text.contains("keep-alive\n\n"))
                }
            }
        }
    }

    @Test func `A silent stream is kept alive by comments`() async throws {
        let gate = Gate()
        let script =
            FakeUpstreamStep.beginEventStream + [
                .chunk(Answers.content("a")), .waitFor(gate), .chunk(Answers.finish + Answers.done), .endChunks,
            ]
        try await withFakeUpstream(script: script) { upstream in
            try await withGateway(GatewaySetup(upstream) { $0.keepAliveInterval = .milliseconds(100) }) { gateway in
                try await withRawClient(port: gateway.port) { client in
                    try await client.send(Requests.chat(stream: true))
                    try await client.read(until: ": keep-alive\n")
                    gate.open()
                    #expect(try await client.response().events.count == 3)
                }
            }
        }
    }
}
