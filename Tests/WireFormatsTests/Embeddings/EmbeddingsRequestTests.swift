import GatewayCore
import NIOCore
import Testing
import WireFormats

@Suite struct EmbeddingsRequestTests {
    @Test(arguments: [
        #""input":"text""#, #""input":["a","b"]"#, #""input":[1,2,3]"#,
        #""input":[[1],[2,3]],"encoding_format":"base64""#,
    ])
    func `Any input passes through`(members: String) throws {
        let body = ByteBuffer(string: #"{"model":"m",\#(members),"dimensions":8}"#)
        let request = try APIOperation.embeddings.family.scan(body)
        #expect(request.facts.model == "m")
        #expect(
            joined(request.body(body, model: "up", adjustments: .none)) == #"{"model":"up",\#(members),"dimensions":8}"#
        )
        #expect(
            joined(request.body(body, model: "m", adjustments: .none)) == #"{"model":"m",\#(members),"dimensions":8}"#)
    }

    @Test(arguments: [
        (#"{"input":"x"}"#, "model"), (#"{"model":"m"}"#, "input"), (#"{"model":"m","input":null}"#, "input"),
        (#"{"model":"m","input":""}"#, "input"), (#"{"model":"m","input":[]}"#, "input"),
        (#"{"model":"m","input":{}}"#, "input"), (#"{"model":"m","input":"x","stream":true}"#, "stream"),
    ])
    func `What is wrong is told by its field`(body: String, param: String) {
        let error = #expect(throws: GatewayError.self) {
            try APIOperation.embeddings.family.scan(ByteBuffer(string: body))
        }
        #expect(error?.code == .invalidRequest && error?.param == param)
    }

    @Test func `The answer needs its data, and tells its usage`() throws {
        var relay = makeRelay(.embeddings, model: "asked")
        let text =
            #"{"object":"list","data":[{"embedding":"AAAA"}],"model":"up","usage":{"prompt_tokens":8,"total_tokens":8}}"#
        let output = relay.receive(ByteBuffer(string: text))
        #expect(String(buffer: output.bytes) == text.replacing(#""up""#, with: #""asked""#))
        #expect(relay.finish().fault == nil)
        #expect(relay.usage == TokenUsage(promptTokens: 8, completionTokens: 0, totalTokens: 8))
        var total = makeRelay(.embeddings, model: "asked")
        _ = total.receive(ByteBuffer(string: #"{"data":[],"usage":{"total_tokens":8}}"#))
        #expect(total.usage == TokenUsage(promptTokens: 8, completionTokens: 0, totalTokens: 8))
        var other = makeRelay(.embeddings, model: "asked")
        #expect(other.receive(ByteBuffer(string: #"{"choices":[]}"#)).fault == .malformed("the response has no data"))
    }

    @Test func `A whole response needs its output, and tells its usage`() throws {
        var relay = makeRelay(.responses, model: "asked")
        let text =
            #"{"id":"resp_1","error":null,"output":[],"model":"up","usage":{"input_tokens":3,"output_tokens":4}}"#
        #expect(String(buffer: relay.receive(ByteBuffer(string: text)).bytes).contains(#""model":"asked""#))
        #expect(relay.finish().fault == nil)
        #expect(relay.usage == TokenUsage(promptTokens: 3, completionTokens: 4, totalTokens: 7))
    }

    @Test func `A failed response is an upstream error, whatever its content`() {
        var relay = makeRelay(.responses, model: "asked")
        let text =
            #"{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"no"},"output":[{"x":1}]}"#
        let fault = relay.receive(ByteBuffer(string: text)).fault
        #expect(fault == .upstreamReportedError(UpstreamErrorBody(message: "no", code: "server_error")))
    }
}
