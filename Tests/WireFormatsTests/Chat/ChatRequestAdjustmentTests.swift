import GatewayCore
import NIOCore
import Testing
import WireFormats

/// What a route changes in a chat request's body.
@Suite struct ChatRequestAdjustmentTests {
    private func adjusted(
        _ members: String, extra: String? = nil, _ profile: CompatibilityProfile = .standard
    ) throws -> String {
        let body = ByteBuffer(string: #"{"model":"a","messages":[]\#(members)}"#)
        let request = try APIOperation.chat.family.scan(body)
        let adjustments = RouteAdjustments(compatibility: profile, extraBody: extra)
        let text = joined(request.body(body, model: "up", adjustments: adjustments))
        let head = #"{"model":"up","messages":[]"#
        #expect(text.hasPrefix(head))
        return String(text.dropFirst(head.count).dropLast())
    }

    @Test(arguments: [
        (#"{"top_k":5}"#, "", #","top_k":5"#),
        (#"{"top_k":5}"#, #","top_k":1,"z":1.0e+2"#, #","top_k":5,"z":1.0e+2"#),
        (#"{"a":{"b":{"c":1}}}"#, #","a":{"x":"\u00e9","b":{"d":2}}"#, #","a":{"x":"\u00e9","b":{"d":2,"c":1}}"#),
        (#"{"a":{"b":1}}"#, #","a":[1]"#, #","a":{"b":1}"#),
        (#"{"a":null}"#, #","a":{"b":1}"#, #","a":null"#),
        (#"{"top_k":5}"#, #","top\u005fk":1"#, #","top\u005fk":5"#),
        (#"{"a":{"b":1}}"#, #","a":{"b":2,"b":3}"#, #","a":{"b":1}"#),
        ("{}", #","n": 1"#, #","n":1"#),
    ])
    func `The extra body is merged deeply, and goes before what the caller wrote`(
        extra: String, members: String, expected: String
    ) throws {
        #expect(try adjusted(members, extra: extra) == expected)
    }

    @Test func `A key that stands many times is merged in no time`() throws {
        let many = (0..<100_000).map { _ in #""b":2,"c":3"# }.joined(separator: ",")
        let began = ContinuousClock.now
        let body = try adjusted(#","a":{\#(many)}"#, extra: #"{"a":{"b":1}}"#)
        #expect(body.hasPrefix(#","a":{"b":1,"c":3,"c":3,"#) && !body.contains(#""b":2"#))
        #expect(began.duration(to: .now) < .seconds(5))
    }

    @Test func `A store that the provider does not know is left out`() throws {
        let profile = CompatibilityProfile(supportsStore: false)
        #expect(try adjusted(#","store":true,"n":1"#, profile) == #","n":1"#)
        #expect(try adjusted(#","n":1"#, profile) == #","n":1"#)
    }

    @Test func `The limit of output goes under the name that the provider knows`() throws {
        let old = CompatibilityProfile(maxTokensField: .maxTokens)
        #expect(try adjusted(#","max_completion_tokens":7,"n":1"#, old) == #","max_tokens":7,"n":1"#)
        #expect(try adjusted(#","max_tokens":7"#, old) == #","max_tokens":7"#)
        #expect(try adjusted(#","max_completion_tokens":7,"max_tokens":8"#, old) == #","max_tokens":8"#)
        let new = CompatibilityProfile(maxTokensField: .maxCompletionTokens)
        #expect(try adjusted(#","max_tokens":7"#, new) == #","max_completion_tokens":7"#)
    }

    @Test func `The reasoning effort is left out, or put into an object`() throws {
        let omit = CompatibilityProfile(reasoningEffort: .omit)
        #expect(try adjusted(#","reasoning_effort":"low","n":1"#, omit) == #","n":1"#)
        let object = CompatibilityProfile(reasoningEffort: .reasoningObject)
        #expect(try adjusted(#","reasoning_effort":"low""#, object) == #","reasoning":{"effort":"low"}"#)
        #expect(try adjusted(#","reasoning_effort":null"#, object) == "")
        #expect(
            try adjusted(#","reasoning":{"max_tokens":5},"reasoning_effort":"low""#, object)
                == #","reasoning":{"max_tokens":5}"#)
    }

    @Test func `Developers become the system`() throws {
        let body = ByteBuffer(
            string: #"""
                {"messages":[{"role":"developer","content":"developer"}, "odd" ,{"content":[{"role":"developer"}],"role":"\u0064eveloper"},{"role":"user"}],"model":"a"}
                """#)
        let adjustments = RouteAdjustments(compatibility: CompatibilityProfile(developerRole: .system))
        let text = joined(try APIOperation.chat.family.scan(body).body(body, model: "up", adjustments: adjustments))
        #expect(
            text == #"""
                {"messages":[{"role":"system","content":"developer"}, "odd" ,{"content":[{"role":"developer"}],"role":"system"},{"role":"user"}],"model":"up"}
                """#)
    }

    @Test func `A stream's usage is asked for, unless the provider cannot tell it`() throws {
        let other = CompatibilityProfile(supportsStore: false)
        #expect(try adjusted(#","stream":true"#, other) == #","stream":true,"stream_options":{"include_usage":true}"#)
        #expect(
            try adjusted(#","stream":true,"stream_options":{"x":1,"include_usage":false}"#, other)
                == #","stream":true,"stream_options":{"x":1,"include_usage":true}"#)
        let without = CompatibilityProfile(supportsStreamUsage: false)
        #expect(try adjusted(#","stream":true,"stream_options":{"include_usage":true}"#, without) == #","stream":true"#)
    }

    @Test func `Without adjustments the body is rewritten in place`() throws {
        let body = ByteBuffer(string: #"{ "model" : "a" , "messages" : [ ] }"#)
        let request = try APIOperation.chat.family.scan(body)
        #expect(
            joined(request.body(body, model: "up", adjustments: .none)) == #"{ "model" : "up" , "messages" : [ ] }"#)
    }
}
