import Foundation
import GatewayCore
import NIOCore
import Testing
import WireFormats

struct ChatRequestRewriteTests {
    private func rewritten(_ body: String, model: String = "up/m") throws -> String {
        let buffer = ByteBuffer(string: body)
        return joined(try parts(of: buffer, model: model))
    }

    private func parts(of body: ByteBuffer, model: String) throws -> [ByteBuffer] {
        try APIOperation.chat.family.scan(body).body(body, model: model, adjustments: .none)
    }

    @Test(arguments: [
        // Only the model changes: not spaces, order, numbers, escapes, unknown fields.
        (
            #" { "z" : 1.0e+2 ,"model":"a", "messages":[ {"content":"\u00e9\/"} ],"n":123456789012345678901,"u":{"k":null}}"#,
            #" { "z" : 1.0e+2 ,"model":"up/m", "messages":[ {"content":"\u00e9\/"} ],"n":123456789012345678901,"u":{"k":null}}"#
        ),
        (#"{"model" : "a\"b" ,"messages":[]}"#, #"{"model" : "up/m" ,"messages":[]}"#),
        (
            #"{"model":"a","messages":[],"stream":true}"#,
            #"{"model":"up/m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#
        ),
        (
            "{\n  \"stream\": true,\n  \"messages\": [],\n  \"model\": \"a\"\n}\n",
            "{\n  \"stream\": true,\n  \"messages\": [],\n  \"model\": \"up/m\",\"stream_options\":{\"include_usage\":true}\n}\n"
        ),
        (
            #"{"stream_options":null,"model":"a","messages":[],"stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"up/m","messages":[],"stream":true}"#
        ),
        (
            #"{"stream_options":{},"model":"a","messages":[],"stream":true}"#,
            #"{"stream_options":{"include_usage":true},"model":"up/m","messages":[],"stream":true}"#
        ),
        (
            #"{"stream_options":{ "x":1},"model":"a","messages":[],"stream":true}"#,
            #"{"stream_options":{"include_usage":true, "x":1},"model":"up/m","messages":[],"stream":true}"#
        ),
        (
            #"{"model":"a","stream_options":{"x":1,"include_usage" : false },"messages":[],"stream":true}"#,
            #"{"model":"up/m","stream_options":{"x":1,"include_usage" : true },"messages":[],"stream":true}"#
        ),
        (
            #"{"model":"a","stream_options":{"include_usage":true},"messages":[],"stream":true}"#,
            #"{"model":"up/m","stream_options":{"include_usage":true},"messages":[],"stream":true}"#
        ),
        // Not a stream: its options stay the caller's.
        (
            #"{"model":"a","stream_options":{"include_usage":false},"messages":[]}"#,
            #"{"model":"up/m","stream_options":{"include_usage":false},"messages":[]}"#
        ),
    ])
    func `Changes only what must change`(body: String, expected: String) throws {
        #expect(try rewritten(body) == expected)
    }

    @Test func `Leaves the same model alone`() throws {
        let body = #"{"model":"a\u002fb","messages":[]}"#
        #expect(try rewritten(body, model: "a/b") == body)
        let stream = #"{"model":"a","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#
        #expect(try rewritten(stream, model: "a") == stream)
    }

    @Test func `Escapes the upstream's model`() throws {
        #expect(try rewritten(#"{"model":"a","messages":[]}"#, model: "a\"é\n") == #"{"model":"a\"é\n","messages":[]}"#)
    }

    @Test func `Works on a buffer that does not begin at zero`() throws {
        var buffer = ByteBuffer(string: #"head{"model":"a","messages":[]}"#)
        buffer.moveReaderIndex(forwardBy: 4)
        #expect(joined(try parts(of: buffer, model: "b")) == #"{"model":"b","messages":[]}"#)
    }

    @Test func `Large bodies are not copied`() throws {
        let text = String(repeating: "x", count: 10 * 1024 * 1024)
        let body = ByteBuffer(string: #"{"model":"a","messages":[{"content":"\#(text)"}],"stream":true}"#)
        let parts = try self.parts(of: body, model: "b")
        #expect(parts.count == 5)
        let address = body.withUnsafeReadableBytes { $0.baseAddress.map { $0 + 12 } }
        #expect(parts[2].withUnsafeReadableBytes { $0.baseAddress } == address)
        #expect(parts.reduce(0) { $0 + $1.readableBytes } == body.readableBytes + 40)
    }

    /// Everything else in the body stays unchanged, as bytes and as values.
    @Test func `Keeps everything else`() throws {
        var json = JSONGenerator(generator: SeededGenerator(seed: 4))
        for round in 0..<500 {
            let options = [
                "", #","stream_options":null"#, #","stream_options":{}"#, #","stream_options":{"include_usage":false}"#,
            ]
            let head = #"{"m1":"# + json.value(depth: 3) + #","messages":["# + json.value(depth: 3) + #"],"model":"#
            let tail = options[round % 4] + #","stream":true,"m2":"# + json.value(depth: 3) + "}"
            let output = try rewritten(head + #""a""# + tail)
            #expect(output.hasPrefix(head + #""up/m""#))
            let before = try #require(Self.parsed(head + #""a""# + tail))
            let after = try #require(Self.parsed(output))
            #expect(after["model"] as? String == "up/m")
            #expect(after["stream_options"] as? NSDictionary == ["include_usage": true])
            #expect(Self.others(before) == Self.others(after))
        }
    }

    private static func parsed(_ text: String) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    }

    private static func others(_ object: [String: Any]) -> NSDictionary {
        object.filter { $0.key != "model" && $0.key != "stream_options" } as NSDictionary
    }
}
