import GatewayCore
import NIOCore
import Testing
import WireFormats

/// A reader that writes other events than it reads, as one does that translates.
private struct TranslatingReader: StreamReader {
    private(set) var usage: TokenUsage?
    private(set) var hasContent = false
    private(set) var isComplete = false
    var outputBytes: Int64 { 0 }
    var failure: RelayError? { nil }
    var responseID: String? { nil }
    var closingEvents: ByteBuffer { ByteBuffer(string: "data: closing\n\n") }

    func errorEvent(_ error: GatewayError, requestID: String) -> ByteBuffer {
        ByteBuffer(string: "data: \(error.code.rawValue) \(requestID)\n\n")
    }

    /// The data says what becomes of the event.
    mutating func read(
        _ data: Bytes, named name: Bytes?, model: Bytes, edits: inout [EventEdit]
    ) throws(RelayError) -> EventDisposition {
        let text = String(decoding: data.buffer, as: UTF8.self)
        // Without a meaning where the event is replaced.
        if !data.isEmpty, !text.hasPrefix("forward") { edits.append(EventEdit(range: 0..<1, text: "?", tail: .model)) }
        hasContent = true
        switch text {
        case "none": return .replace(ByteBuffer())
        case "complete":
            isComplete = true
            return .drop
        case "last":
            isComplete = true
            return .replaceAndFinish(ByteBuffer(string: "data: <last>\n\ndata: [END]\n\n"))
        case let text where text.hasPrefix("forward"): return .forward
        case "malformed": throw .malformed("test")
        default:
            return .replace(ByteBuffer(string: "event: x\ndata: <\(text.replacing("\n", with: "|"))>\n\ndata: +\n\n"))
        }
    }
}

@Suite struct ReplacedEventTests {
    private func run(_ parts: [ByteBuffer]) -> (text: String, relay: StreamRelay<TranslatingReader>, end: RelayOutput) {
        var relay = StreamRelay(TranslatingReader(), clientModel: "m")
        let text = joined(parts.map { relay.receive($0).bytes })
        let end = relay.finish()
        return (text, relay, end)
    }

    private static func replaced(_ text: String) -> String { "event: x\ndata: <\(text)>\n\ndata: +\n\n" }

    /// With the events that go out for each.
    private static let events = [
        ("data: a\n\n", replaced("a")), ("data: none\n\n", ""), (": comment\n\n", ": comment\n\n"),
        ("id: 1\nevent: e\ndata: b\nretry: 1\n\n", replaced("b")), ("data: forward\n\n", "data: forward\n\n"),
        ("data: c\ndata: d\n\n", replaced("c|d")), ("data: none\n\n", ""), ("data: é日\n\n", replaced("é日")),
    ]
    private static let upstream = events.map(\.0).joined()
    private static let client = events.map(\.1).joined()

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `Other events go out in the place of those that are replaced, however the stream is cut`(lineEnd: String)
        throws
    {
        let text = Self.upstream.replacing("\n", with: lineEnd)
        // What is not replaced keeps its line ends.
        let expected = Self.client.replacing(": comment\n\n", with: ": comment\(lineEnd)\(lineEnd)")
            .replacing("data: forward\n\n", with: "data: forward\(lineEnd)\(lineEnd)")
        for parts in splits(of: Array(text.utf8)) {
            // An LF that comes apart from its CR belongs to the next block, and goes with it.
            let output = run(parts).text
            try #require(
                output.filter { $0 != "\r\n" && $0 != "\r" && $0 != "\n" } == expected.filter { !$0.isNewline })
            if lineEnd != "\r\n" { try #require(output == expected) }
        }
        #expect(run([ByteBuffer(string: text)]).text == expected)
    }

    @Test func `A byte order mark goes with the event that it precedes`() {
        for parts in splits(of: Array("\u{FEFF}data: a\n\n".utf8)) { #expect(run(parts).text == Self.replaced("a")) }
    }

    @Test func `Nothing counts after the last event, which is replaced too`() {
        let text = Self.upstream + "data: last\n\ndata: a\n\ndata: malformed\n\n"
        for parts in splits(of: Array(text.utf8)) {
            let result = run(parts)
            #expect(result.text == Self.client + "data: <last>\n\ndata: [END]\n\n")
            #expect(result.relay.isDone && result.relay.isComplete && result.relay.hasContent)
            #expect(result.end == RelayOutput(bytes: ByteBuffer()))
        }
    }

    @Test func `A stream that is complete without a last event is closed by the reader`() {
        for parts in splits(of: Array((Self.upstream + "data: complete\n\n").utf8)) {
            let result = run(parts)
            #expect(result.text == Self.client)
            #expect(result.end == RelayOutput(bytes: ByteBuffer(string: "data: closing\n\n")))
        }
        #expect(run([ByteBuffer(string: Self.upstream)]).end.fault == .truncated)
    }

    @Test func `What was replaced before a fault goes out`() {
        for parts in splits(of: Array((Self.upstream + "data: malformed\n\ndata: a\n\n").utf8)) {
            let result = run(parts)
            #expect(result.text == Self.client)
            #expect(result.end.fault == .malformed("test"))
        }
    }

    @Test func `The reader writes the gateway's own error`() {
        let error = GatewayError(.upstreamError, "No.", source: .upstream)
        let relay: any AnswerRelay = run([]).relay
        #expect(relay.lastEvent(error, requestID: "r") == ByteBuffer(string: "data: upstream_error r\n\n"))
    }

    /// What is replaced may be larger than what it replaces, many times over.
    @Test func `Many events in one part are replaced in one pass`() {
        let result = run([ByteBuffer(string: String(repeating: "data: a\n\n", count: 10_000))])
        #expect(result.text == String(repeating: Self.replaced("a"), count: 10_000))
    }
}
