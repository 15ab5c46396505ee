import GatewayCore
import NIOCore
import Testing
import WireFormats

struct ChatRequestTests {
    private func scan(_ text: String) throws(GatewayError) -> RequestFacts {
        try APIOperation.chat.family.scan(ByteBuffer(string: text)).facts
    }

    private func wantsUsage(_ members: String) throws -> Bool? {
        let body = ByteBuffer(string: #"{"model":"m","messages":[]\#(members)}"#)
        return (try APIOperation.chat.family.scan(body).family as? ChatFamily)?.wantsUsage
    }

    private func with(_ members: String) throws(GatewayError) -> RequestFacts {
        try scan(#"{"model":"m","messages":[{"role":"user","content":"hi"}]"# + members + "}")
    }

    @Test func `Reads the plain request`() throws {
        let request = try with("")
        #expect(request.model == "m")
        #expect(!request.stream)
        #expect(try wantsUsage("") == false)
        #expect(request.required == [.chatCompletions])
    }

    @Test(arguments: [
        (#"{"model":"a\u002fb\n\ud83d\ude00é","messages":[]}"#, "a/b\n😀é"), (#"{"messages":[],"mod\u0065l":"x"}"#, "x"),
        (#"{ "messages" : [ ] , "model" : "spaced" } "#, "spaced"),
        (#"{"messages":[],"model":"\ud800"}"#, "\u{FFFD}\u{FFFD}\u{FFFD}"),
    ])
    func `Resolves escapes`(body: String, model: String) throws {
        #expect(try scan(body).model == model)
    }

    @Test(arguments: [
        (#","stream":true"#, true, false), (#","stream":false"#, false, false), (#","stream":null"#, false, false),
        (#","stream":true,"stream_options":{"include_usage":true}"#, true, true),
        (#","stream":true,"stream_options":{"include_usage":false,"x":1}"#, true, false),
        (#","stream":true,"stream_options":{"include_usage":null}"#, true, false),
        (#","stream_options":null,"stream":true"#, true, false), (#","stream_options":{}"#, false, false),
    ])
    func `Reads the stream options`(members: String, stream: Bool, wantsUsage: Bool) throws {
        let request = try with(members)
        #expect(request.stream == stream)
        #expect(try self.wantsUsage(members) == wantsUsage)
        #expect(request.required.contains(.stream) == stream)
    }

    @Test(
        arguments: [
            (#","tools":[{"type":"function"}]"#, [.tools]), (#","tools":[]"#, []), (#","tools":[ ]"#, []),
            (#","tools":null"#, []),
            (#","functions":[{}]"#, [.tools]),
            (#","response_format":{"type":"json_schema"}"#, [.jsonSchema]),
            (#","response_format":{"json_schema":{"type":"x"},"type":"json_object"}"#, []),
            (#","response_format":"json_schema""#, []),
            (#","response_format":{"type":"json\u005fschema"}"#, [.jsonSchema]), (#","stream":true"#, [.stream]),
            (#","metadata":{"type":"image_url","role":"developer"}"#, []),
        ] as [(String, CapabilitySet)])
    func `Requires`(members: String, capability: CapabilitySet) throws {
        #expect(try with(members).required == capability.union([.chatCompletions]))
    }

    @Test(
        arguments: [
            (#"{"role":"user","content":[{"type":"text","text":"image_url"}]}"#, []),
            (#"{"role":"user","content":[{"type":"text"},{"image_url":{"url":"x"},"type":"image_url"}]}"#, [.vision]),
            (#"{"content":[{"type":"input_image"}]}"#, [.vision]), (#"{"content":[{"type":"input_audio"}]}"#, [.audio]),
            (#"{"content":[{"type":"file"}]}"#, [.files]), (#"{"content":[{"type":"input_file"}]}"#, [.files]),
            (#"{"content":[{"type":"file"},{"type":"input_audio"},{"type":"image_url"}]}"#, [.files, .audio, .vision]),
            (#"{"role":"developer","content":"x"}"#, [.developerRole]),
            (#"{"role":"devel\u006fper"}"#, [.developerRole]),
            (#"{"role":"user","name":"developer","content":null}"#, []), (#"{"content":{"type":"image_url"}}"#, []),
            (#"{"content":["image_url",[{"type":"image_url"}],{"x":{"type":"file"}}]}"#, []), (#""text",1,null"#, []),
        ] as [(String, CapabilitySet)])
    func `Requires for the messages`(message: String, capability: CapabilitySet) throws {
        let request = try scan(#"{"model":"m","messages":[{"role":"user","content":"hi"},"# + message + "]}")
        #expect(request.required == capability.union([.chatCompletions]))
    }

    @Test(arguments: [
        ("", 0),
        ("   ", 3),
        ("{", 1),
        (#"{"model":"m","messages":[]} x"#, 28),
        (#"{"model":"m",}"#, 13),
        ("\u{FEFF}{}", 0),
        (#"{"model":"m","messages":[{"role":"user","content":"\q"}]}"#, 52),
        (#"{"stream":"yes","model":}"#, 24),
        ("hello", 0),
        (#"{"model":1,"messages":2"#, 23), (#"{"model":"a","model":"b","messages":[}"#, 37),
    ])
    func `Refuses what is not JSON`(body: String, offset: Int) {
        let error = #expect(throws: GatewayError.self) { try scan(body) }
        #expect(error?.code == .invalidJSON)
        #expect(error?.source == .client)
        #expect(error?.message.hasSuffix("at byte offset \(offset).") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        (#"{"model":"a","messages":[],"model":"a"}"#, "model"),
        (#"{"model":"a","messages":[],"m\u006fdel":"b"}"#, "model"),
        (#"{"x":1,"model":"a","messages":[],"x":1}"#, "x"), (#"{"é":1,"\u00e9":2,"model":"a","messages":[]}"#, "é"),
        (#"{"😀":1,"model":"a","messages":[],"\ud83d\ude00":2}"#, "😀"), (#"{"":1,"":2,"model":"a","messages":[]}"#, ""),
        (
            #"{"model":"a","messages":[],"stream_options":{"include_usage":true,"include_usage":false}}"#,
            "include_usage"
        ),
        (#"{"model":"a","messages":[],"stream_options":{"z":true,"\u007a":false}}"#, "z"),
    ])
    func `Refuses duplicate keys`(body: String, key: String) {
        let error = #expect(throws: GatewayError.self) { try scan(body) }
        #expect(error?.code == .invalidJSON)
        #expect(error?.param == key)
        #expect(error?.message.contains("`\(key)`") == true)
    }

    @Test func `Finds a duplicate among many keys`() throws {
        let keys = (0..<1000).map { #","key\#($0)":1"# }.joined()
        _ = try with(keys)
        let error = #expect(throws: GatewayError.self) { try with(keys + #","key777":2"#) }
        #expect(error?.param == "key777")
        let early = #expect(throws: GatewayError.self) { try with(keys + #","key3":2"#) }
        #expect(early?.param == "key3")
    }

    @Test func `Cuts a long key in its error`() {
        let key = String(repeating: "é", count: 5000)
        let error = #expect(throws: GatewayError.self) { try with(",\"\(key)\":1,\"\(key)\":2") }
        #expect(error?.param == String(repeating: "é", count: 64))
    }

    @Test func `Many keys are refused`() throws {
        func members(_ count: Int) -> String { (0..<count).map { #","\#($0)":1"# }.joined() }
        let error = #expect(throws: GatewayError.self) { try with(members(200_000)) }
        #expect(error?.code == .invalidRequest && error?.message.contains("more than 1024 keys") == true)
        _ = try with(members(1000))
    }

    @Test(
        arguments: [
            (#"[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]"#, "file_id"),
            (#"[{"role":"user","content":[{"type":"file","file":{"file_data":"x","file_id":null}}]}]"#, nil),
            (#"[{"role":"assistant","audio":{"id":"audio_1"}}]"#, "audio"),
            (#"[{"role":"assistant","audio":null}]"#, nil), (#"[{"role":"assistant","audio":{"id":""}}]"#, nil),
            (#"[{"role":"assistant","Audio":{"ID":"audio_1"}}]"#, "audio"),
            (#"[{"role":"user","content":[{"type":"file","File":{"FILE_ID":"file-1"}}]}]"#, "file_id"),
            (#"[{"role":"user","Content":[[{"type":"file","file":{"file_id":"file-1"}}]]}]"#, "file_id"),
            (#"[[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]]"#, "file_id"),
            (#"[{"role":"user","content":[{"type":"file","file":{"file_data":"x","file_id":""}}]}]"#, nil),
            (#"[{"role":"tool","tool_call_id":"call_1","content":"x"}]"#, nil),
        ] as [(String, String?)])
    func `Finds what refers to something kept`(messages: String, field: String?) throws {
        #expect(try scan(#"{"model":"m","messages":\#(messages)}"#).stateField == field)
    }

    @Test(arguments: ["models", "Models", "provider", "fallbac\u{212A}s", "\\u006dodels", "model_li\u{17F}t", "ROUTE"])
    func `Finds the fields that choose the model, in any case`(name: String) throws {
        #expect(try with(#","\#(name)":["x"]"#).routingFields.count == 1)
        for nothing in ["null", "[]", "1", "false", #""""#] {
            #expect(try with(#","\#(name)":\#(nothing)"#).routingFields.isEmpty)
        }
        #expect(try with(#","metadata":{"\#(name)":1}"#).routingFields.isEmpty)
    }

    @Test func `The Kelvin sign is no way around an inspected key`() {
        let kelvin = "\u{212A}"
        let body = #"{"model":"m","input":"x","bac\#(kelvin)ground":true}"#
        let error = #expect(throws: GatewayError.self) {
            try APIOperation.responses.family.scan(ByteBuffer(string: body))
        }
        #expect(error?.code == .invalidRequest && error?.message.contains("`background`") == true)
    }

    @Test func `Nested duplicates are the upstream's affair`() throws {
        _ = try with(#","metadata":{"a":1,"a":2}"#)
    }

    @Test(
        arguments: [
            ("[]", nil), ("null", nil), (#""x""#, nil), ("{}", "model"), (#"{"messages":[]}"#, "model"),
            (#"{"model":null,"messages":[]}"#, "model"),
            (#"{"model":7,"messages":[]}"#, "model"),
            (#"{"model":"","messages":[]}"#, "model"),
            (#"{"model":"m"}"#, "messages"),
            (#"{"model":"m","messages":null}"#, "messages"),
            (#"{"model":"m","messages":{}}"#, "messages"),
            (#"{"model":"m","messages":[],"stream":"true"}"#, "stream"),
            (#"{"model":"m","messages":[],"stream":1}"#, "stream"),
            (#"{"model":"m","messages":[],"stream_options":[]}"#, "stream_options"),
            (#"{"model":"m","messages":[],"stream_options":{"include_usage":1}}"#, "stream_options"),
        ] as [(String, String?)])
    func `Refuses wrong types`(body: String, param: String?) {
        let error = #expect(throws: GatewayError.self) { try scan(body) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.param == param)
        #expect(error?.source == .client)
    }

    @Test func `Counts nesting from the top`() throws {
        func nested(_ depth: Int) -> String {
            #","x":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try with(nested(511))
        let error = #expect(throws: GatewayError.self) { try with(nested(512)) }
        #expect(error?.code == .invalidJSON)
        let bomb = #expect(throws: GatewayError.self) { try with(nested(200_000)) }
        #expect(bomb?.message.contains("512 levels") == true)
        let inPart = #"{"model":"m","messages":[{"content":[{"x":"# + String(repeating: "[", count: 200_000)
        #expect(throws: GatewayError.self) { try scan(inPart) }
    }
}
