import GatewayCore
import NIOCore
import Testing
import WireFormats

/// What a request says about how much it may use, and what changes its price.
@Suite struct UsageBoundsTests {
    private func bounds(_ operation: APIOperation, _ members: String) throws -> UsageBounds {
        try operation.family.scan(ByteBuffer(string: #"{"model":"m",\#(members)}"#)).facts.bounds
    }

    private func chat(_ members: String) throws -> UsageBounds {
        try bounds(.chat, #""messages":[{"role":"user","content":"hi"}]\#(members)"#)
    }

    private func chat(parts: String) throws -> UsageBounds {
        try bounds(.chat, #""messages":[{"role":"user","content":[\#(parts)]}]"#)
    }

    private func responses(_ members: String) throws -> UsageBounds {
        try bounds(.responses, #""input":"hi"\#(members)"#)
    }

    @Test func `A plain request has one choice, no limit and no price modifier`() throws {
        let bounds = try chat("")
        #expect(bounds == UsageBounds() && bounds.choices == 1 && bounds.hasOutput)
        #expect(try responses("") == UsageBounds())
    }

    @Test(
        arguments: [
            (#","max_tokens":7"#, 7), (#","max_completion_tokens":9"#, 9), (#","max_tokens":0"#, 0),
            (#","max_tokens":7,"max_completion_tokens":9"#, 9), (#","max_completion_tokens":9,"max_tokens":7"#, 9),
            (#","max_tokens":9223372036854775807"#, .max), (#","max_tokens":null"#, nil), (#","max_tokens":"7""#, nil),
            (#","max_tokens":-1"#, nil), (#","max_tokens":1.5"#, nil), (#","max_tokens":9223372036854775808"#, nil),
            (#","max_tokens":[7]"#, nil), (#","metadata":{"max_tokens":7}"#, nil), (#","max_output_tokens":7"#, nil),
        ] as [(String, Int64?)])
    func `The limit on a chat answer`(members: String, tokens: Int64?) throws {
        #expect(try chat(members).maxOutputTokens == tokens)
    }

    @Test(
        arguments: [
            (#","max_output_tokens":7"#, 7), (#","max_output_tokens":null"#, nil), (#","max_tokens":7"#, nil),
        ] as [(String, Int64?)])
    func `The limit on a response`(members: String, tokens: Int64?) throws {
        #expect(try responses(members).maxOutputTokens == tokens)
    }

    @Test(
        arguments: [
            (#","n":3"#, 3), (#","n":1"#, 1), (#","n":0"#, 1), (#","n":-2"#, 1), (#","n":null"#, 1), (#","n":"3""#, 1),
        ] as [(String, Int64)])
    func `The number of answers`(members: String, choices: Int64) throws {
        #expect(try chat(members).choices == choices)
    }

    @Test(
        arguments: [
            (#","service_tier":"flex""#, "service_tier"), (#","service_tier":"priority""#, "service_tier"),
            (#","service_tier":"pri\u006frity""#, "service_tier"), (#","service_tier":"default""#, nil),
            (#","service_tier":"auto""#, nil), (#","service_tier":"""#, nil), (#","service_tier":null"#, nil),
            (#","service_tier":7"#, nil), (#","metadata":{"service_tier":"flex"}"#, nil),
        ] as [(String, String?)])
    func `Another service tier changes the price`(members: String, modifier: String?) throws {
        #expect(try chat(members).billingModifier == modifier)
        #expect(try responses(members).billingModifier == modifier)
    }

    @Test(
        arguments: [
            (#","web_search_options":{}"#, "web_search_options"),
            (#","web_search_options":{"search_context_size":"low"}"#, "web_search_options"),
            (#","web_search_options":null"#, nil), (#","tools":[{"type":"function"}]"#, nil),
            // The first one is named.
            (#","service_tier":"flex","web_search_options":{}"#, "service_tier"),
            (#","web_search_options":{},"service_tier":"flex""#, "web_search_options"),
        ] as [(String, String?)])
    func `A search in a chat has a fee`(members: String, modifier: String?) throws {
        #expect(try chat(members).billingModifier == modifier)
    }

    @Test(
        arguments: [
            ("web_search", true), ("web_search_preview", true), ("web_search_2025_08_26", true), ("file_search", true),
            ("code_interpreter", true), ("image_generation", true), ("shell", true), ("function", false),
            ("custom", false), ("mcp", false), ("computer_use_preview", false), ("local_shell", false),
        ])
    func `Some tools have fees besides tokens`(type: String, hasFee: Bool) throws {
        let modifier = hasFee ? "tools" : nil
        #expect(try responses(#","tools":[{"type":"function"},{"type":"\#(type)"}]"#).billingModifier == modifier)
        let nested = #""input":[{"type":"additional_tools","tools":[{"type":"\#(type)"}]}]"#
        #expect(try bounds(.responses, nested).billingModifier == modifier)
        let inTool = #","tools":[{"type":"namespace","tools":[{"type":"\#(type)"}]}]"#
        #expect(try responses(inTool).billingModifier == modifier)
    }

    @Test(
        arguments: [
            (#"{"type":"text","text":"image_url"}"#, 0, false), (#"{"type":"image_url"}"#, 1, false),
            (#"{"type":"image_url"},{"type":"text"},{"type":"input_image"}"#, 2, false),
            (#"{"type":"input_audio"}"#, 0, true), (#"{"type":"file"}"#, 0, true), (#"{"type":"input_file"}"#, 0, true),
            (#"{"type":"image_url"},{"type":"file"}"#, 1, true), (#"{"type":"im\u0061ge_url"}"#, 1, false),
        ] as [(String, Int64, Bool)])
    func `Images are counted, and audio and files have no bound`(parts: String, images: Int64, unbounded: Bool) throws {
        let bounds = try chat(parts: parts)
        #expect(bounds.images == images && bounds.hasUnboundedInput == unbounded)
    }

    @Test(
        arguments: [
            (#"[{"content":[{"type":"input_image"},{"type":"input_image"}]}]"#, 2, false),
            (#"[{"type":"computer_call_output","output":{"type":"computer_screenshot"}}]"#, 1, false),
            (#"[{"content":[{"type":"input_audio"}]}]"#, 0, true), (#"[{"content":[{"type":"input_file"}]}]"#, 0, true),
            (#""input_file""#, 0, false),
        ] as [(String, Int64, Bool)])
    func `The same in the input of a response`(input: String, images: Int64, unbounded: Bool) throws {
        let bounds = try bounds(.responses, #""input":\#(input)"#)
        #expect(bounds.images == images && bounds.hasUnboundedInput == unbounded)
    }

    @Test func `What the provider has of a conversation has no bound`() throws {
        #expect(try responses(#","previous_response_id":"resp_1""#).hasUnboundedInput)
        #expect(try !responses(#","previous_response_id":null"#).hasUnboundedInput)
    }

    @Test func `Embeddings have no output`() throws {
        let bounds = try bounds(.embeddings, #""input":["a","b"]"#)
        #expect(!bounds.hasOutput && !bounds.hasUnboundedInput && bounds.billingModifier == nil)
    }

    /// An upstream that matches keys in any case would read a limit that the gateway has not seen.
    @Test(arguments: [
        (APIOperation.chat, "Max_Tokens"), (.chat, "MAX_COMPLETION_TOKENS"), (.chat, "N"), (.chat, "Service_Tier"),
        (.chat, "service_tieR"), (.chat, "Web_search_options"), (.responses, "Max_output_tokens"),
        (.responses, "SERVICE_TIER"), (.responses, "Tools"),
    ])
    func `Another case of a field is refused`(operation: APIOperation, field: String) {
        let input = operation == .chat ? #""messages":[]"# : #""input":"hi""#
        let error = #expect(throws: GatewayError.self) { try bounds(operation, #"\#(input),"\#(field)":1"#) }
        #expect(error?.code == .invalidRequest && error?.param == field)
        #expect(error?.message.contains("lower case") == true)
    }
}
