import GatewayCore
import NIOCore
import Testing
import WireFormats

struct ChatStreamRelayTests {
    struct Result: Equatable {
        var text = ""
        var fault: RelayError?
        var usage: TokenUsage?
        var hasContent = false
        var ending = RelayOutput(bytes: ByteBuffer(), fault: .truncated)
    }

    static let done = "data: [DONE]\n\n"
    static let complete = RelayOutput(bytes: ByteBuffer())

    static func chunk(_ choices: String, model: String = "up/x", _ more: String = "") -> String {
        #"data: {"id":"c","object":"chat.completion.chunk","model":"\#(model)","choices":[\#(choices)]\#(more)}"#
            + "\n\n"
    }

    static func delta(_ delta: String, finish: String = "null", index: Int = 0) -> String {
        #"{"index":\#(index),"delta":{\#(delta)},"finish_reason":\#(finish)}"#
    }

    func relay(_ parts: [ByteBuffer], wantsUsage: Bool = true) -> Result {
        var relay = makeRelay(.chat, model: "mine", stream: true, wantsUsage: wantsUsage)
        let outputs = parts.map { relay.receive($0) }
        var result = Result(text: joined(outputs.map(\.bytes)), fault: outputs.last?.fault)
        result.ending = relay.finish()
        result.usage = relay.usage
        result.hasContent = relay.hasContent
        return result
    }

    func relay(_ text: String, wantsUsage: Bool = true) -> Result {
        relay([ByteBuffer(string: text)], wantsUsage: wantsUsage)
    }

    @Test(arguments: ["data: [DONE] \n\n", "data:[DONE]\t\n\n", "event: done\ndata:  [DONE]\n\n"])
    func `The last event may have white space around it, as SDKs take it`(last: String) {
        let text = Self.chunk(Self.delta("", finish: #""stop""#))
        let result = relay(text + last, wantsUsage: false)
        #expect(result.fault == nil && result.ending == Self.complete)
    }

    @Test func `An error event that is no JSON is an error with its text`() {
        let result = relay("event: error\ndata: the model crashed\n\n")
        #expect(result.fault == .upstreamReportedError(UpstreamErrorBody(message: "the model crashed")))
        #expect(result.text == "")
    }

    @Test func `The errors of choices are handed over to be searched`() {
        var relay = makeRelay(.chat, model: "mine", stream: true)
        let failed = #"{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"message":"m"}}"#
        let text = Self.chunk(Self.delta(#""content":"a""#)) + Self.chunk(failed + "," + failed)
        let output = relay.receive(ByteBuffer(string: text))
        #expect(output.fault == nil && output.errorTexts == [#"{"message":"m"}"#, #"{"message":"m"}"#])
        #expect(relay.receive(ByteBuffer(string: Self.done)).errorTexts == [])
    }

    // MARK: Complete streams

    static let stream =
        chunk(delta(#""role":"assistant","content":"""#)) + ": comment\n\n" + chunk(delta(#""content":"H\u00e9 日""#))
        + "event: message\nid: 7\n" + chunk(delta(#""content":"!""#)) + chunk(delta("", finish: #""stop""#))
        + chunk("", #","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#) + done

    @Test func `Rewrites every chunk at every split`() {
        let usage = TokenUsage(promptTokens: 3, completionTokens: 2)
        for lineEnd in ["\n", "\r\n", "\r"] {
            let text = Self.stream.replacing("\n", with: lineEnd)
            let expected = text.replacing(#""up/x""#, with: #""mine""#)
            for parts in splits(of: Array(text.utf8)) {
                var result = relay(parts)
                // If the last LF arrives apart from its CR, the stream has ended before it.
                if lineEnd == "\r\n", !result.text.utf8.elementsEqual(expected.utf8) {
                    result.text.unicodeScalars.append("\n")
                }
                #expect(result == Result(text: expected, usage: usage, hasContent: true, ending: Self.complete))
            }
        }
    }

    @Test func `A stream with nothing to change is not copied`() {
        let part = ByteBuffer(string: Self.stream.replacing("up/x", with: "mine"))
        var relay = makeRelay(.chat, model: "mine", stream: true)
        let output = relay.receive(part)
        #expect(output.bytes == part)
        let same = output.bytes.withUnsafeReadableBytes { a in
            part.withUnsafeReadableBytes { a.baseAddress == $0.baseAddress }
        }
        #expect(same)
    }

    @Test func `Only whole events come out and at once`() {
        var relay = makeRelay(.chat, model: "mine", stream: true)
        let events = Self.stream.split(separator: "\n\n").map { $0.replacing("up/x", with: "mine") + "\n\n" }
        for event in events {
            let bytes = Array(event.utf8)
            for byte in bytes.dropLast() { #expect(relay.receive(ByteBuffer(bytes: [byte])).bytes.readableBytes == 0) }
            #expect(String(buffer: relay.receive(ByteBuffer(bytes: bytes.suffix(1))).bytes) == event)
        }
    }

    // MARK: Usage

    @Test func `Keeps a usage chunk that was not asked for`() {
        for lineEnd in ["\n", "\r\n"] {
            let text = Self.stream.replacing("\n", with: lineEnd)
            let kept = Self.stream.replacing(
                Self.chunk("", #","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"#), with: "")
            let result = relay(text, wantsUsage: false)
            #expect(result.text == kept.replacing("up/x", with: "mine").replacing("\n", with: lineEnd))
            #expect(result.usage == TokenUsage(promptTokens: 3, completionTokens: 2))
            #expect(result.ending == Self.complete)
        }
    }

    /// LiteLLM 1.108 sends one empty choice.
    @Test(arguments: [
        #"{"index":0,"delta":{}}"#, #"{"index":0,"delta":{},"finish_reason":null}"#, #"{"delta":{},"logprobs":null}"#,
    ])
    func `Keeps a usage chunk with an empty choice`(choice: String) {
        let usage = Self.chunk(choice, #","usage":{"prompt_tokens":3,"completion_tokens":2}"#)
        let rest = Self.chunk(Self.delta(#""content":"a""#, finish: #""stop""#))
        let result = relay(rest + usage + "data: [DONE]\n\n", wantsUsage: false)
        #expect(result.text == rest.replacing("up/x", with: "mine") + "data: [DONE]\n\n")
        #expect(result.usage == TokenUsage(promptTokens: 3, completionTokens: 2))
        #expect(relay(rest + usage, wantsUsage: true).text.contains("prompt_tokens"))
    }

    @Test(arguments: [
        #"{"index":0,"delta":{"role":"assistant"}}"#, #"{"index":0,"delta":{"content":""}}"#,
        #"{"index":0,"delta":{},"finish_reason":"stop"}"#,
    ])
    func `Never keeps a choice that says something`(choice: String) {
        let text = Self.chunk(choice, #","usage":{"prompt_tokens":3,"completion_tokens":2}"#)
        #expect(relay(text, wantsUsage: false).text.hasPrefix(text.replacing("up/x", with: "mine")))
    }

    @Test(arguments: ["", "event: response.created\n", "event: message_start\n", "event: message\n"])
    func `Refuses events of another family`(name: String) {
        let foreign = name + "data: {\"type\":\"response.created\",\"response\":{\"model\":\"up/x\"}}\n\n"
        let result = relay(foreign + Self.chunk(Self.delta(#""content":"a""#)))
        #expect(result.text.isEmpty)
        #expect(result.fault == .malformed("an event has a type and no choices: it is of another family"))
    }

    @Test func `Passes pings on`() {
        let text = "event: ping\ndata: {\"type\":\"ping\"}\n\ndata: {\"type\":\"ping\"}\n\n"
        #expect(relay(text).text.hasPrefix(text))
    }

    @Test func `Keeps chunks that are more than usage`() {
        let text =
            Self.chunk("", #","prompt_filter_results":[],"usage":null"#)
            + Self.chunk(
                Self.delta(#""content":"a""#, finish: #""stop""#),
                #","usage":{"prompt_tokens":1,"completion_tokens":1}"#)
        let result = relay(text, wantsUsage: false)
        #expect(result.text == text.replacing("up/x", with: "mine"))
        #expect(result.usage == TokenUsage(promptTokens: 1, completionTokens: 1))
    }

    @Test func `The last usage wins`() {
        let first = #","usage":{"prompt_tokens":1,"completion_tokens":1}"#
        let last = #","usage":{"prompt_tokens":1,"completion_tokens":9}"#
        let text =
            Self.chunk(Self.delta("", finish: #""stop""#), first) + Self.chunk("", last)
            + Self.chunk("", #","usage":null"#)
        #expect(relay(text).usage == TokenUsage(promptTokens: 1, completionTokens: 9))
    }

    @Test(arguments: [
        (
            #"{"choices":[{"index":0,"usage":{"prompt_tokens":1,"completion_tokens":2}}],"model":"a" }"#,
            #"{"choices":[{"index":0,"usage":{"prompt_tokens":1,"completion_tokens":2}}],"model":"mine","#
                + #""usage":{"prompt_tokens":1,"completion_tokens":2} }"#
        ),
        (
            #"{"usage":null,"model":"a","choices":[{"usage":{"prompt_tokens":1,"completion_tokens":2}}]}"#,
            #"{"usage":{"prompt_tokens":1,"completion_tokens":2},"model":"mine","#
                + #""choices":[{"usage":{"prompt_tokens":1,"completion_tokens":2}}]}"#
        ),
        (
            #"{"model":"a","choices":[{"usage":{"prompt_tokens":1,"completion_tokens":2}}],"usage":null,"x":1}"#,
            #"{"model":"mine","choices":[{"usage":{"prompt_tokens":1,"completion_tokens":2}}],"#
                + #""usage":{"prompt_tokens":1,"completion_tokens":2},"x":1}"#
        ),
        (
            #"{"choices":[{"usage":{"prompt_tokens":9,"completion_tokens":9}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            #"{"choices":[{"usage":{"prompt_tokens":9,"completion_tokens":9}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        ),
        (
            #"{"choices":[{"usage":null}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            #"{"choices":[{"usage":null}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        ),
    ])
    func `Promotes the usage of a choice`(payload: String, expected: String) {
        for parts in splits(of: Array("data:\(payload)\n\n".utf8)) {
            let result = relay(parts)
            #expect(result.text == "data:\(expected)\n\n")
            #expect(result.usage == TokenUsage(promptTokens: 1, completionTokens: 2))
        }
    }

    // MARK: Deltas

    @Test(arguments: [
        (#""reasoning_content":"a\n""#, #""reasoning_content":"a\n","reasoning":"a\n""#),
        (#""reasoning_text" : "b" ,"content":null"#, #""reasoning_text" : "b","reasoning":"b" ,"content":null"#),
        (#""reasoning_content":"","content":"x""#, #""reasoning_content":"","reasoning":"","content":"x""#),
        (#""reasoning_content":null,"content":"x""#, #""reasoning_content":null,"content":"x""#),
        (#""reasoning_content":"a","reasoning":"b""#, #""reasoning_content":"a","reasoning":"b""#),
        (#""reasoning":null,"reasoning_content":"a""#, #""reasoning":null,"reasoning_content":"a""#),
        (
            #""reasoning_content":"a","reasoning_text":"b""#,
            #""reasoning_content":"a","reasoning":"a","reasoning_text":"b""#
        ),
    ])
    func `Gives reasoning its common name`(delta: String, expected: String) {
        let text = Self.chunk(Self.delta(delta) + "," + Self.delta(delta, index: 1))
        let changed = Self.chunk(Self.delta(expected) + "," + Self.delta(expected, index: 1), model: "mine")
        for parts in splits(of: Array(text.utf8), random: 5) { #expect(relay(parts).text == changed) }
    }

    @Test(arguments: [
        (#""role":"assistant""#, "null", false), (#""role":"assistant","content":"""#, "null", false),
        (#""content":null,"tool_calls":[],"refusal":null,"audio":{}"#, "null", false), (#""x":"y""#, "null", false),
        (#""content":"a""#, "null", true),
        (#""content":[{"type":"text"}]"#, "null", true),
        (#""refusal":"no""#, "null", true),
        (#""reasoning":"r""#, "null", true),
        (#""reasoning_content":"r""#, "null", true),
        (#""reasoning_text":"r""#, "null", true),
        (#""tool_calls":[{"index":0}]"#, "null", true), (#""function_call":{"name":"f"}"#, "null", true),
        (#""audio":{"data":"x"}"#, "null", true), ("", #""length""#, true), ("", #""""#, false),
    ])
    func `Knows content`(delta: String, finish: String, hasContent: Bool) {
        #expect(relay(Self.chunk(Self.delta(delta, finish: finish))).hasContent == hasContent)
    }

    // MARK: Endings

    static let finished = chunk(delta("", finish: #""stop""#), model: "mine")

    @Test func `Adds the done that is missing`() {
        let result = relay(Self.finished)
        #expect(result.ending == RelayOutput(bytes: ByteBuffer(string: Self.done)))
        // An event without a blank line after it does not count.
        #expect(relay(Self.finished + "data: [DONE]\n") == result)
    }

    @Test func `Ignores what follows done`() {
        for parts in splits(
            of: Array((Self.finished + Self.done + Self.done + "data: rubbish\n\n" + Self.finished).utf8))
        {
            #expect(relay(parts) == Result(text: Self.finished + Self.done, hasContent: true, ending: Self.complete))
        }
    }

    @Test(arguments: [
        "", done, chunk(delta(#""content":"a""#), model: "mine"), chunk("", model: "mine"),
        chunk(delta("", finish: #""stop""#) + "," + delta("", index: 1), model: "mine"),
        chunk(delta("", finish: #""""#), model: "mine"), chunk(delta("", index: 1023), model: "mine") + finished,
    ])
    func `Is truncated while a choice is open`(text: String) {
        for parts in splits(of: Array((text + Self.done).utf8), random: 5) {
            let result = relay(parts)
            #expect(result.ending.fault == .truncated)
            #expect(result.fault == nil)
            #expect(result.text == (text == Self.done ? "" : text))
        }
        #expect(relay(text).ending.fault == .truncated)
    }

    @Test func `Every choice must finish`() {
        func text(_ indices: [Int]) -> String {
            indices.map { Self.chunk(Self.delta(#""content":"a""#, index: $0)) }.joined()
                + indices.map { Self.chunk(Self.delta("", finish: #""stop""#, index: $0)) }.joined() + Self.done
        }
        #expect(relay(text([0, 1, 2])).ending == Self.complete)
        #expect(relay(text([0, 63, 64, 127, 1023])).ending == Self.complete)
        #expect(relay(text([100])).ending == Self.complete)
    }

    @Test func `A finished choice stays finished`() {
        let text = Self.finished + Self.chunk(Self.delta(#""content":"""#)) + Self.done
        #expect(relay(text).ending == Self.complete)
    }

    // MARK: Faults

    @Test(arguments: [
        (
            #"data: {"error":{"message":"overloaded","code":529}}"#,
            RelayError.upstreamReportedError(UpstreamErrorBody(message: "overloaded", code: "529"))
        ),
        (#"data: {"choices":[],"error":"text"}"#, .upstreamReportedError(UpstreamErrorBody(message: "text"))),
        (#"data: {"error":{}}"#, .upstreamReportedError(UpstreamErrorBody())),
        ("event: error\ndata: {\"message\":\"bad\"}", .upstreamReportedError(UpstreamErrorBody(message: "bad"))),
        ("event: error\ndata: not json", .upstreamReportedError(UpstreamErrorBody(message: "not json"))),
        ("data: [DONE", .malformed("the data of an event is not a JSON object: unexpected character at byte offset 0")),
        ("data: {\"a\":1", .malformed("the data of an event is not a JSON object: it ends too early at byte offset 6")),
        (
            "data: {}{}",
            .malformed("the data of an event is not a JSON object: there is more after its end at byte offset 2")
        ),
        (
            "event: message\ndata: []",
            .malformed("the data of an event is not a JSON object: unexpected character at byte offset 0")
        ),
        (#"data: {"choices":[{"index":1024}]}"#, .malformed("the index of a choice is not below 1024")),
        (#"data: {"choices":[{"index":-1}]}"#, .malformed("the index of a choice is not below 1024")),
    ])
    func `Keeps what came before a fault`(event: String, fault: RelayError) {
        let before = ": hi\n\n" + Self.finished
        for parts in splits(of: Array((before + event + "\n\n" + Self.finished).utf8)) {
            let result = relay(parts)
            #expect(result.text == before)
            #expect(result.fault == fault && result.ending.fault == fault)
        }
    }

    @Test func `An error that is null is not an error`() {
        let text = Self.finished.replacing(#""id":"c""#, with: #""error":null"#)
        #expect(
            relay(text)
                == Result(text: text, hasContent: true, ending: RelayOutput(bytes: ByteBuffer(string: Self.done))))
    }

    @Test func `Limits the open event`() {
        var relay = makeRelay(.chat, model: "m", stream: true)
        let part = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1024 * 1024)
        #expect(relay.receive(ByteBuffer(string: "data: {}\n\ndata: ")).bytes.readableBytes == 10)
        for _ in 0..<31 { #expect(relay.receive(part).fault == nil) }
        #expect(relay.receive(part).fault == .eventTooLarge)
        #expect(relay.receive(part).fault == .eventTooLarge)
    }

    // MARK: What is no stream

    @Test(
        arguments: [
            ("<html>", .malformed("its answer is a page instead of server-sent events")),
            (#"{"id":"c","choices":[]}"#, .malformed("its answer is a JSON document instead of server-sent events")),
            (
                "\n " + #"{"error":{"message":"busy","code":"x"}}"#,
                .upstreamReportedError(UpstreamErrorBody(message: "busy", code: "x"))
            ),
            (#"[{"error":{"message":"busy"}}]"#, .upstreamReportedError(UpstreamErrorBody(message: "busy"))),
        ] as [(String, RelayError)])
    func `A body that is no stream is read by its bytes`(body: String, fault: RelayError) {
        for parts in splits(of: Array(body.utf8)) {
            let result = relay(parts)
            #expect(result.ending.fault == fault)
            #expect(!result.hasContent && result.text.allSatisfy(\.isWhitespace))
        }
    }

    @Test(arguments: [
        "data:\n\n", "data: \n\n", "data\n\n", "data:\ndata:\n\n", "event: ping\ndata:\n\n", "event: ping\n\n",
    ])
    func `An empty event is a heartbeat, which SDKs would parse`(beat: String) {
        for parts in splits(of: Array((beat + Self.finished + beat + Self.done).utf8)) {
            #expect(relay(parts) == Result(text: Self.finished + Self.done, hasContent: true, ending: Self.complete))
        }
    }

    @Test func `Numbers that are not finite pass as they came`() {
        let logprobs =
            #"{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"logprob":-Infinity,"x":NaN,"y":[Infinity]}]}}"#
        let text = Self.chunk(logprobs, model: "mine") + Self.finished + Self.done
        for parts in splits(of: Array(text.utf8)) {
            #expect(relay(parts) == Result(text: text, hasContent: true, ending: Self.complete))
        }
        for word in ["-Infinite", "Nan", "-NaN", "+Infinity", "-I", "Infinit"] {
            let bad = Self.chunk(#"{"index":0,"delta":{},"logprobs":\#(word)}"#)
            guard case .malformed = relay(bad).fault else {
                Issue.record("\(word)")
                continue
            }
        }
    }

    // MARK: Forwarded events

    @Test(arguments: [
        ": keep-alive\n\n", "event: ping\ndata: 12:00\n\n", "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        "\n", "data: {\"unknown\":[1.0,{\"k\":\"\\u00e9\"}]}\nid: 9\n\n", "event: note\ndata: {\"a\":\ndata: 1}\n\n",
    ])
    func `Passes on what it does not know`(event: String) {
        for parts in splits(of: Array((event + Self.finished + event).utf8)) {
            #expect(relay(parts).text == event + Self.finished + event)
        }
    }

    /// openai-python, from 1.0.0 to 3.57.0, makes an event without data of each blank line once a stream has had an
    /// `id`, and of each block with a `retry`; it raises when it parses the data.
    @Test func `A comment is no event of its own, whatever stands around it`() {
        let identified = "id: 1\n" + Self.finished
        for beat in [": keep-alive\n\n", "retry: 5\n\n", "id: 3\n\n", ": a\n: b\n\n"] {
            for parts in splits(of: Array((identified + beat + Self.finished + Self.done).utf8)) {
                #expect(relay(parts).text == identified + beat.dropLast() + Self.finished + Self.done)
            }
        }
    }

    @Test func `An unknown event with a chunk is a chunk`() {
        let text = "event: chunk\n" + Self.finished.replacing("mine", with: "up")
        #expect(relay(text).text == "event: chunk\n" + Self.finished)
    }

    @Test func `Rewrites data in several lines`() {
        let text = "id: 1\ndata: {\"model\":\n: c\ndata:\"up\",\ndata: \"choices\":[]}\nevent: message\n\n"
        let expected = "id: 1\n: c\nevent: message\ndata: {\"model\":\ndata: \"mine\",\ndata: \"choices\":[]}\n\n"
        for parts in splits(of: Array(text.utf8)) { #expect(relay(parts).text == expected) }
        #expect(relay(text.replacing("\n", with: "\r\n")).text == expected)
    }

    @Test func `A byte order mark stays`() {
        #expect(relay("\u{FEFF}" + Self.finished.replacing("mine", with: "up")).text == "\u{FEFF}" + Self.finished)
    }

    @Test(.timeLimit(.minutes(1)))
    func `Ten mebibytes of events and one large event`() {
        let content = String(repeating: "y", count: 5 * 1024 * 1024)
        let text =
            String(repeating: Self.chunk(Self.delta(#""content":"abc""#)), count: 60_000)
            + Self.chunk(Self.delta(#""content":"\#(content)""#)) + Self.chunk(Self.delta("", finish: #""stop""#))
            + Self.done
        let result = relay(Array(text.utf8).chunks(of: 1000).map { ByteBuffer(bytes: $0) })
        #expect(result.text.utf8.count == text.utf8.count)
        #expect(result.ending == Self.complete)
    }
}
