import GatewayCore
import NIOCore
import Testing
import WireFormats

struct JSONResponseRelayTests {
    private struct Result: Equatable {
        var text = ""
        var fault: RelayError?
        var usage: TokenUsage?
        var isComplete = false
    }

    private func relay(_ parts: [ByteBuffer], model: String = "mine") -> Result {
        var relay = makeRelay(.chat, model: model)
        let outputs = parts.map { relay.receive($0) }
        var result = Result(text: joined(outputs.map(\.bytes)), fault: outputs.last?.fault)
        result.fault = relay.finish().fault
        result.usage = relay.usage
        result.isComplete = relay.isComplete
        return result
    }

    private static let usage = TokenUsage(
        promptTokens: 9, completionTokens: 12, totalTokens: 21, cachedPromptTokens: 4, reasoningTokens: 0)
    private static let usageJSON =
        #"{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":4},"#
        + #""completion_tokens_details":{"reasoning_tokens":0}}"#

    /// `@` is the place of the usage.
    @Test(arguments: [
        (
            #"{"id":"c1","model":"up/x","choices":[{"model":"up/x","n":1.50}],"usage":@}"#,
            #"{"id":"c1","model":"mine","choices":[{"model":"up/x","n":1.50}],"usage":@}"#
        ),
        (
            "\n{ \"choices\" : [ ] ,\t\"mod\\u0065l\" : \"a\\\"b\\u00e9\" , \"usage\":@ , \"z\":-1e3 } \r\n",
            "\n{ \"choices\" : [ ] ,\t\"mod\\u0065l\" : \"mine\" , \"usage\":@ , \"z\":-1e3 } \r\n"
        ),
        (
            #"{"usage":@,"choices":[{"message":{"content":"é日😀\n"}}],"error":null,"model":"x"}"#,
            #"{"usage":@,"choices":[{"message":{"content":"é日😀\n"}}],"error":null,"model":"mine"}"#
        ),
        (
            #"{"model":null,"choices":[],"usage":@,"model":"","x":{"usage":{},"error":1}}"#,
            #"{"model":null,"choices":[],"usage":@,"model":"mine","x":{"usage":{},"error":1}}"#
        ),
    ])
    func `Rewrites the model at every split`(upstream: String, client: String) {
        let text = upstream.replacing("@", with: Self.usageJSON)
        let expected = client.replacing("@", with: Self.usageJSON)
        for parts in splits(of: Array(text.utf8)) {
            #expect(relay(parts) == Result(text: expected, usage: Self.usage, isComplete: true))
        }
    }

    @Test func `Numbers that are not finite pass as they came`() {
        let text = #"{"choices":[{"logprobs":{"content":[{"logprob":-Infinity},{"logprob":NaN}]}}],"x":Infinity}"#
        for parts in splits(of: Array(text.utf8)) { #expect(relay(parts) == Result(text: text, isComplete: true)) }
    }

    @Test func `The text of an error beside a result is handed over to be searched`() {
        var relay = makeRelay(.chat, model: "mine")
        let output = relay.receive(ByteBuffer(string: #"{"choices":[],"error":{"message":"m"}}"#))
        #expect(output.fault == nil && output.errorTexts == [#"{"message":"m"}"#])
    }

    @Test func `The errors of choices are handed over to be searched, at every split`() {
        let errors = [#"{"a":[{"error":1}]}"#, #""text \" ]}""#, "-1.5e3", "true", "{}", "[[]]"]
        let choices = errors.map { #"{"index":0, "x":{"error":2},"e\u0072ror" : \#($0) ,"y":[3]}"# }
        let text = #"{"choices":[7,["error"],{"error":null},\#(choices.joined(separator: " , "))],"x":[{"error":4}]}"#
        for parts in splits(of: Array(text.utf8)) {
            var relay = makeRelay(.chat, model: "mine")
            let found = parts.flatMap { relay.receive($0).errorTexts }
            #expect(found == ["null"] + errors)
            #expect(relay.isComplete)
        }
        var embeddings = makeRelay(.embeddings, model: "mine")
        #expect(
            embeddings.receive(ByteBuffer(string: #"{"data":[{"error":1}],"choices":[{"error":1}]}"#)).errorTexts == [])
    }

    @Test func `Of a very long error the start is searched`() {
        let long = String(repeating: "x", count: 200_000)
        for text in [#"{"choices":[{"error":"\#(long)"}]}"#, #"{"choices":[],"error":"\#(long)"}"#] {
            var relay = makeRelay(.chat, model: "mine")
            let found = Array(text.utf8).chunks(of: 1000).flatMap { relay.receive(ByteBuffer(bytes: $0)).errorTexts }
            #expect(found.count == 1 && (65_536...65_537).contains(found[0].utf8.count))
        }
    }

    @Test func `Returns an untouched part as it came`() {
        var relay = makeRelay(.chat, model: "mine")
        let part = ByteBuffer(string: #"{"model":"mine","choices":[]}"#)
        let output = relay.receive(part)
        let same = output.bytes.withUnsafeReadableBytes { a in
            part.withUnsafeReadableBytes { a.baseAddress == $0.baseAddress }
        }
        #expect(same)
        #expect(relay.isComplete)
    }

    @Test(arguments: [
        (
            #"{"error":{"message":"no funds","code":402}}"#,
            RelayError.upstreamReportedError(UpstreamErrorBody(message: "no funds", code: "402"))
        ),
        (#"{"error":"plain","choices":null}"#, .upstreamReportedError(UpstreamErrorBody(message: "plain"))),
        (#"{"choices":{},"error":{"code":1}}"#, .upstreamReportedError(UpstreamErrorBody(code: "1"))),
        (#"{"error":false}"#, .upstreamReportedError(UpstreamErrorBody())),
        (#"{"error":null}"#, .malformed("the response has no choices")),
        ("{}", .malformed("the response has no choices")),
        ("", .truncated),
        ("  ", .truncated),
        (#"{"choices":[]"#, .truncated),
        (#"{"choices":[{"message":{"content":"cut"#, .truncated),
        ("[]", .malformed("the response is not valid JSON: unexpected character at byte offset 0")),
        ("<html>", .malformed("the response is not valid JSON: unexpected character at byte offset 0")),
        (
            #"{"choices":[],"x":01}"#,
            .malformed("the response is not valid JSON: unexpected character at byte offset 19")
        ),
        (
            #"{"choices":[]} x"#,
            .malformed("the response is not valid JSON: there is more after its end at byte offset 15")
        ),
    ])
    func `Finds`(text: String, fault: RelayError) {
        for parts in splits(of: Array(text.utf8)) {
            let result = relay(parts)
            #expect(result.fault == fault)
            #expect(!result.isComplete)
        }
    }

    @Test func `An error beside choices is passed on`() {
        let text = #"{"choices":[],"error":{"message":"partial"}}"#
        #expect(relay([ByteBuffer(string: text)]) == Result(text: text, isComplete: true))
    }

    @Test func `A fault stays`() {
        var relay = makeRelay(.chat, model: "m")
        let first = relay.receive(ByteBuffer(string: "{,"))
        #expect(first.bytes.readableBytes == 0 && first.fault != nil)
        #expect(relay.receive(ByteBuffer(string: "}")).fault == first.fault)
    }

    @Test func `Ignores a usage that is too large`() {
        let padding = String(repeating: "x", count: 70_000)
        let text = #"{"choices":[],"usage":{"prompt_tokens":1,"pad":"\#(padding)"}}"#
        let parts = Array(text.utf8).chunks(of: 1000).map { ByteBuffer(bytes: $0) }
        let result = relay(parts)
        #expect(result.text == text)
        #expect(result.usage == nil && result.isComplete)
    }

    @Test(.timeLimit(.minutes(1)))
    func `Passes ten mebibytes in small parts`() {
        let content = String(repeating: "some text\\n日本 ", count: 600_000)
        let text = #"{"choices":[{"message":{"content":"\#(content)"}}],"model":"x","usage":\#(Self.usageJSON)}"#
        let result = relay(Array(text.utf8).chunks(of: 1000).map { ByteBuffer(bytes: $0) })
        #expect(result.text.utf8.count == text.utf8.count + 3)
        #expect(result.usage == Self.usage && result.isComplete)
    }
}

extension Array {
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
