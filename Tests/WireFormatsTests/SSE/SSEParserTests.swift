import NIOCore
import Testing
import WireFormats

struct SSEParserTests {
    private func events(_ parts: [ByteBuffer]) throws -> [SSEEvent] {
        var parser = SSEParser()
        return try parts.flatMap { try parser.receive($0) }
    }

    private static func event(_ data: String, _ name: String = "message") -> SSEEvent {
        SSEEvent(name: name, data: ByteBuffer(string: data))
    }

    /// The first four are the examples of WHATWG HTML, section 9.2.6.
    @Test(
        arguments: [
            ("data: YHOO\ndata: +2\ndata: 10\n\n", [event("YHOO\n+2\n10")]),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                [event("first event"), event("second event"), event(" third event")]
            ),
            ("data\n\ndata\ndata\n\ndata:", [event(""), event("\n")]),
            ("data:test\n\ndata: test\n\n", [event("test"), event("test")]),
            ("event: add\ndata: 7\n\nevent:\ndata: 8\n\n", [event("7", "add"), event("8")]),
            ("event: a\nevent: b\ndata: x\n\n", [event("x", "b")]),
            ("event: lost\n\ndata: x\n\n", [event("x")]),
            ("\u{FEFF}data: x\n\n", [event("x")]), ("\u{FEFF}\u{FEFF}data: x\n\n", []), ("\n\u{FEFF}data: x\n\n", []),
            ("\u{FEFF}data: a\ndata: b\n\n", [event("a\nb")]), ("\u{FEFF}\n\ndata: x\n\n", [event("x")]),
            ("retry: 10\nid: 2\ndata : x\ndatas: y\nDATA: z\n: data: c\ndata: é日😀\n\n", [event("é日😀")]),
            ("data: a:b: c \n\n", [event("a:b: c ")]), ("data: unfinished\n", []), ("\n\n\n", []), ("", []),
            ("data: [DONE]\n\n", [event("[DONE]")]),
        ] as [(String, [SSEEvent])])
    func readsWithEveryLineEndAtEverySplit(text: String, expected: [SSEEvent]) throws {
        for lineEnd in ["\n", "\r\n", "\r"] {
            let bytes = Array(text.replacing("\n", with: lineEnd).utf8)
            for parts in splits(of: bytes) { #expect(try events(parts) == expected) }
        }
    }

    @Test func readsMixedLineEnds() throws {
        let text = "data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\rdata: e\r\n\ndata: f\r\r\n\ndata: g\r\n\r"
        for parts in splits(of: Array(text.utf8)) {
            let expected = ["a\nb\nc", "d", "e", "f", "g"].map { Self.event($0) }
            #expect(try events(parts) == expected)
        }
    }

    @Test func givesAnEventAtItsBlankLine() throws {
        var parser = SSEParser()
        #expect(try parser.receive(ByteBuffer(string: "data: x\r\n\r")) == [Self.event("x")])
        #expect(try parser.receive(ByteBuffer(string: "\ndata: y\r\n\r\n")) == [Self.event("y")])
    }

    @Test func limitsTheOpenEvent() throws {
        var parser = SSEParser(limit: 100)
        let long = String(repeating: "x", count: 94)
        #expect(try parser.receive(ByteBuffer(string: "data: x\n\ndata: " + long)).count == 1)
        let error = #expect(throws: SSEParser.EventTooLarge.self) { try parser.receive(ByteBuffer(string: "x")) }
        #expect(error?.limit == 100)
    }

    @Test(.timeLimit(.minutes(1)))
    func readsALargeEventByteByByte() throws {
        var parser = SSEParser()
        let text = "data: " + String(repeating: "x", count: 4 * 1024 * 1024) + "\n\n"
        var count = 0
        for byte in text.utf8 { count += try parser.receive(ByteBuffer(bytes: [byte])).count }
        #expect(count == 1)
    }
}
