import GatewayCore
import NIOCore
import Testing
import WireFormats

/// A streamed response through the relay.
@Suite struct ResponsesStreamRelayTests {
    private static func event(_ type: String, _ members: String = "", number: Int = 0) -> String {
        "event: \(type)\ndata: {\"type\":\"\(type)\",\"sequence_number\":\(number)\(members)}\n\n"
    }

    private static let response = #","response":{"id":"resp_1","model":"up","error":null"#
    private static let created = event("response.created", response + #","usage":null}"#)
    private static let inProgress = event("response.in_progress", response + "}", number: 1)
    private static let delta = event(
        "response.output_text.delta", #","delta":"hé\u00e9 \"response.failed\"""#, number: 2)
    private static let usage =
        #","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":7,"#
        + #""output_tokens_details":{"reasoning_tokens":5},"total_tokens":17}"#
    private static let completed = event("response.completed", response + usage + "}", number: 3)
    private static let incomplete = event("response.incomplete", response + usage + "}", number: 3)
    private static let failed = event(
        "response.failed", #","response":{"id":"resp_1","error":{"code":"x","message":"no memory"}}"#, number: 3)
    private static let error = event("error", #","code":"x","message":"overloaded""#, number: 3)

    /// The relay after all of `text`, in parts of `size` bytes, with its output.
    private func run(
        _ text: String, size: Int = .max
    ) -> (relay: any AnswerRelay, output: String, fault: RelayError?) {
        var relay = makeRelay(.responses, model: "asked/for", stream: true)
        var output = ""
        var fault: RelayError?
        var rest = Substring(text).utf8[...]
        while !rest.isEmpty, fault == nil {
            let part = rest.prefix(size)
            rest = rest.dropFirst(size)
            let result = relay.receive(ByteBuffer(bytes: Array(part)))
            output += String(buffer: result.bytes)
            fault = result.fault
        }
        return (relay, output, fault)
    }

    @Test(arguments: [1, 2, 7, 64, Int.max])
    func `Events go through as they are, but for the model's name`(size: Int) {
        let text = Self.created + Self.inProgress + ": comment\n\n" + Self.delta + Self.completed
        var (relay, output, fault) = run(text, size: size)
        #expect(fault == nil)
        #expect(output == text.replacing(#""model":"up""#, with: #""model":"asked/for""#))
        #expect(relay.isComplete && relay.isDone && relay.hasContent)
        #expect(nextNumber(relay) == "4")
        #expect(
            relay.usage
                == TokenUsage(
                    promptTokens: 10, completionTokens: 7, totalTokens: 17, cachedPromptTokens: 4, reasoningTokens: 5))
        #expect(relay.finish() == RelayOutput(bytes: ByteBuffer()))
    }

    /// The `sequence_number` of the error that would end the stream now.
    private func nextNumber(_ relay: any AnswerRelay) -> Substring? {
        let error = GatewayError(.upstreamError, "x", source: .upstream)
        return relay.lastEvent(error, requestID: "r").flatMap {
            String(buffer: $0).firstMatch(of: /"sequence_number":(-?\d+)/)?.1
        }
    }

    @Test(arguments: [
        (#""sequence_number":7,"#, "8"), ("", "1"), (#""sequence_number":9223372036854775807,"#, "9223372036854775807"),
        (#""sequence_number":1e99,"#, "1"), (#""sequence_number":"x","#, "1"),
    ])
    func `The number of the gateway's own error follows whatever came`(number: String, next: String) {
        let relay = run("data: {\(number)\"type\":\"response.created\"}\n\n").relay
        #expect(nextNumber(relay) == next[...])
    }

    @Test(arguments: [1, 7, Int.max])
    func `A name of the model beside the response is the caller's too`(size: Int) {
        let text =
            #"data: {"model":"up","type":"response.created","response":{"model":"up","id":"r"},"x":{"model":"up"}}"#
        let expected = text.replacing(#""model":"up""#, with: #""model":"asked/for""#)
            .replacing(#""x":{"model":"asked/for"}"#, with: #""x":{"model":"up"}"#)
        #expect(run(text + "\n\n", size: size).output == expected + "\n\n")
    }

    @Test func `Data in several lines is changed too`() {
        let text = "data: {\"type\":\"x\",\ndata: \"model\":\"up\"}\n\n"
        #expect(run(text).output == text.replacing("up", with: "asked/for"))
        #expect(run("\u{FEFF}" + text).output == text.replacing("up", with: "asked/for"))
    }

    @Test func `An announcement is no content, and everything else is`() {
        #expect(!run(Self.created + Self.inProgress + ": x\n\n").relay.hasContent)
        #expect(run(Self.created + Self.delta).relay.hasContent)
        #expect(run(Self.created + Self.event("response.output_item.added")).relay.hasContent)
    }

    @Test func `A response that ran into a limit has ended well, one without an end has not`() {
        #expect(run(Self.created + Self.delta + Self.incomplete).relay.isComplete)
        for text in ["", Self.created, Self.created + Self.delta, Self.created + Self.delta + "data: [DONE]\n\n"] {
            var relay = run(text).relay
            #expect(relay.finish().fault == .truncated, "\(text)")
        }
    }

    /// The relay after all of `text`, and its last output.
    private func end(_ text: String) -> (relay: any AnswerRelay, output: RelayOutput) {
        var relay = makeRelay(.responses, model: "up", stream: true)
        let output = relay.receive(ByteBuffer(string: text))
        return (relay, output.fault == nil ? relay.finish() : output)
    }

    @Test func `A failure is a fault, and its event is handed over apart`() {
        for before in [Self.created, Self.created + Self.delta] {
            let (relay, output) = end(before + Self.failed + Self.delta)
            #expect(output.fault == .upstreamReportedError(UpstreamErrorBody(message: "no memory", code: "x")))
            #expect(String(buffer: output.bytes) == before)
            #expect(output.failedEvent.map { String(buffer: $0) } == Self.failed)
            #expect(relay.hasContent == (before != Self.created))
        }
        let renamed = run(Self.created + Self.delta + Self.failed)
        #expect(
            renamed.output == (Self.created + Self.delta).replacing(#""model":"up""#, with: #""model":"asked/for""#))
    }

    @Test func `An error is not sent on, and the end of the response that follows it is`() {
        let report = UpstreamErrorBody(message: "overloaded", code: "x", type: "error")
        let both = end(Self.created + Self.delta + Self.error + Self.failed)
        // The text of the forwarded event, to search it for secrets.
        let merged = UpstreamErrorBody(message: "no memory", code: "x", type: "error")
        #expect(both.output.fault == .upstreamReportedError(merged))
        #expect(both.output.failedEvent.map { String(buffer: $0) } == Self.failed)
        let alone = end(Self.created + Self.delta + Self.error)
        #expect(alone.output == RelayOutput(bytes: ByteBuffer(), fault: .upstreamReportedError(report)))
        #expect(run(Self.created + Self.error).relay.isDone, "nothing is waited for")
        #expect(!run(Self.created + Self.error).output.contains("overloaded"))
    }

    @Test(arguments: ["response.in_progress", "response.incomplete", "response.output_text.done"])
    func `The text of an error in any other event is handed over to be searched`(name: String) {
        var relay = makeRelay(.responses, model: "up", stream: true)
        let event = "event: \(name)\ndata: {\"type\":\"\(name)\",\"response\":{\"error\":{\"message\":\"m\"}}}\n\n"
        let output = relay.receive(ByteBuffer(string: Self.created + event))
        #expect(output.fault == nil && output.errorTexts == [#"{"message":"m"}"#])
        #expect(relay.receive(ByteBuffer(string: Self.delta)).errorTexts.isEmpty)
    }

    @Test(arguments: [
        "data: {\n\n", "data: [1]\n\n", "data: nonsense\n\n", "event: x\ndata: <html>\n\n",
        "data: {\"choices\":[]}\n\n",
    ])
    func `What is no event is a fault`(text: String) {
        guard case .malformed = run(Self.created + text).fault else {
            Issue.record("\(text)")
            return
        }
    }

    @Test func `A chat stream's last event ends it, and does not go out`() {
        var (relay, output, fault) = run(Self.created + Self.delta + "data: [DONE]\n\n")
        #expect(fault == nil && relay.isDone && !output.contains("DONE"))
        #expect(relay.finish().fault == .truncated)
    }

    @Test func `Nothing after the end counts`() {
        let result = run(Self.created + Self.completed + Self.failed + "data: {\n\n")
        #expect(result.fault == nil && !result.output.contains("failed"))
    }

    @Test func `The gateway's own error is one that the SDKs raise on`() {
        let frame = String(
            buffer: APIOperation.responses.family.errorEvent(
                GatewayError(.upstreamStreamTruncated, #"It "ended"."#, source: .upstream), requestID: "r1",
                sequenceNumber: 9))
        #expect(
            frame == """
                event: error
                data: {"type":"error","code":"upstream_stream_truncated","message":"It \\"ended\\".","param":null,\
                "sequence_number":9,"error":{"message":"It \\"ended\\".","type":"server_error",\
                "code":"upstream_stream_truncated","param":null,"request_id":"r1"}}


                """)
    }
}
