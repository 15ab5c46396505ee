import Foundation
import Providers
import Testing

@Suite struct SimulatedChatTests {
    private func message(_ exchange: SimulatedExchange, choice: Int = 0) throws -> [String: Any] {
        let choices = try #require(try exchange.json()["choices"] as? [[String: Any]])
        return try #require(choices[choice]["message"] as? [String: Any])
    }

    private func usage(_ object: [String: Any]?) throws -> [Int] {
        let usage = try #require(object?["usage"] as? [String: Any])
        return ["prompt_tokens", "completion_tokens", "total_tokens"].compactMap { usage[$0] as? Int }
    }

    @Test func `A non-streaming response is a chat completion that says it is simulated`() throws {
        let exchange = try SimulatedExchange(chatBody())
        let answer = try exchange.json()
        #expect(exchange.status == 200)
        #expect(exchange.contentType == "application/json")
        #expect(answer["object"] as? String == "chat.completion")
        #expect(answer["model"] as? String == #"sim "1""#)
        let text = try #require(try message(exchange)["content"] as? String)
        #expect(text.hasPrefix("This is a simulated answer"))
        #expect((answer["choices"] as? [[String: Any]])?.first?["finish_reason"] as? String == "stop")
        let prompt = SimulatedTokens.count("Hello, who are you?") + SimulatedTokens.perMessage
        let completion = SimulatedTokens.count(text)
        #expect(try usage(answer) == [prompt, completion, prompt + completion])
    }

    @Test func `Equal prompts get equal words, others do not`() throws {
        let text = try message(SimulatedExchange(chatBody("a")))["content"] as? String
        let again = try message(SimulatedExchange(chatBody("a"), ordinal: 7))["content"] as? String
        let other = try message(SimulatedExchange(chatBody("b")))["content"] as? String
        let seeded = try message(SimulatedExchange(chatBody("a"), options: .init(seed: 1)))["content"] as? String
        #expect(text == again)
        #expect(text != other)
        #expect(text != seeded)
    }

    @Test func `A stream says the same as the non-streaming response, a chunk per word`() throws {
        let whole = try SimulatedExchange(chatBody())
        let stream = try SimulatedExchange(
            chatBody("Hello, who are you?", #""stream":true,"stream_options":{"include_usage":true}"#))
        #expect(stream.contentType == "text/event-stream; charset=utf-8")
        #expect(stream.events.last == "[DONE]")
        let chunks = try stream.chunks()
        let choices = chunks.compactMap { ($0["choices"] as? [[String: Any]])?.first }
        let deltas = choices.compactMap { $0["delta"] as? [String: Any] }
        #expect(deltas.first?["role"] as? String == "assistant")
        let text = deltas.compactMap { $0["content"] as? String }.joined()
        #expect(text == (try message(whole)["content"] as? String))
        #expect(deltas.count == text.split(separator: " ").count + 2)
        #expect(choices.compactMap { $0["finish_reason"] as? String } == ["stop"])
        #expect(chunks.allSatisfy { $0["object"] as? String == "chat.completion.chunk" })
        #expect(chunks.allSatisfy { $0["model"] as? String == #"sim "1""# })
        #expect(try usage(chunks.last) == usage(whole.json()))
        #expect((chunks.last?["choices"] as? [Any])?.isEmpty == true)
    }

    @Test func `Usage is in a stream only if it is asked for`() throws {
        let stream = try SimulatedExchange(chatBody("Hi", #""stream":true"#))
        #expect(!stream.body.contains("usage"))
        #expect(stream.events.last == "[DONE]")
    }

    @Test(arguments: ["max_tokens", "max_completion_tokens"], [1, 5, 12])
    func `An answer is cut at the token limit`(field: String, limit: Int) throws {
        let whole = try SimulatedExchange(chatBody("Hi", "\"\(field)\":\(limit)"))
        let choices = try #require(try whole.json()["choices"] as? [[String: Any]])
        #expect(choices.first?["finish_reason"] as? String == "length")
        #expect(SimulatedTokens.count(try #require(try message(whole)["content"] as? String)) == limit)
        #expect(try usage(whole.json())[1] == limit)
        let stream = try SimulatedExchange(
            chatBody("Hi", "\"\(field)\":\(limit),\"stream\":true,\"stream_options\":{\"include_usage\":true}"))
        #expect(stream.body.contains(#""finish_reason":"length""#))
        #expect(try usage(stream.chunks().last)[1] == limit)
    }

    @Test func `A limit beyond the answer, or beyond all integers, changes nothing`() throws {
        let text = try message(SimulatedExchange(chatBody()))["content"] as? String
        for limit in ["4096", "9223372036854775807"] {
            let exchange = try SimulatedExchange(chatBody("Hello, who are you?", "\"max_tokens\":\(limit)"))
            #expect(try message(exchange)["content"] as? String == text)
        }
    }

    @Test func `Several choices are all answered and all counted`() throws {
        let whole = try SimulatedExchange(chatBody("Hi", #""n":3"#))
        let texts = try (0..<3).map { try #require(try message(whole, choice: $0)["content"] as? String) }
        #expect(Set(texts).count == 3)
        #expect(try usage(whole.json())[1] == texts.reduce(0) { $0 + SimulatedTokens.count($1) })
        let stream = try SimulatedExchange(chatBody("Hi", #""n":3,"stream":true"#))
        var streamed = ["", "", ""]
        var finished: Set<Int> = []
        for choice in try stream.chunks().compactMap({ ($0["choices"] as? [[String: Any]])?.first }) {
            let index = try #require(choice["index"] as? Int)
            streamed[index] += (choice["delta"] as? [String: Any])?["content"] as? String ?? ""
            if choice["finish_reason"] is String { finished.insert(index) }
        }
        #expect(streamed == texts)
        #expect(finished == [0, 1, 2])
    }

    @Test(arguments: [#"{"type":"function","function":{"name":"look_up"}}"#, #""required""#])
    func `A forced function is called`(choice: String) throws {
        let tools =
            #""tools":[{"type":"function","function":{"name":"look_up","parameters":{}}}],"tool_choice":"# + choice
        let whole = try SimulatedExchange(chatBody("Hi", tools))
        let message = try message(whole)
        #expect(message["content"] is NSNull)
        let calls = try #require(message["tool_calls"] as? [[String: Any]])
        let function = try #require(calls.first?["function"] as? [String: String])
        #expect(function == ["name": "look_up", "arguments": "{}"])
        #expect(try usage(whole.json())[1] == SimulatedTokens.count("look_up") + SimulatedTokens.count("{}"))
        let stream = try SimulatedExchange(chatBody("Hi", tools + #","stream":true"#))
        let deltas = try stream.chunks().compactMap { chunk in
            ((chunk["choices"] as? [[String: Any]])?.first?["delta"] as? [String: Any])?["tool_calls"]
                as? [[String: Any]]
        }.flatMap { $0 }
        #expect(deltas.first?["id"] as? String == calls.first?["id"] as? String)
        let functions = deltas.compactMap { $0["function"] as? [String: String] }
        #expect(functions.compactMap { $0["name"] } == ["look_up"])
        #expect(functions.compactMap { $0["arguments"] }.joined() == "{}")
        #expect(stream.body.contains(#""finish_reason":"tool_calls""#))
    }

    @Test func `The prompt's tokens are the texts of all messages`() throws {
        let body = #"""
            {"model":"m","messages":[{"role":"system","content":"12345"},{"role":"assistant","content":null},
            {"role":"user","content":[{"type":"text","text":"1234"},{"type":"image_url","image_url":{"url":"data:x"}},
            {"type":"text","text":"1"}]}]}
            """#
        #expect(try usage(SimulatedExchange(body).json())[0] == 2 + 0 + 2 + 3 * SimulatedTokens.perMessage)
    }

    @Test(
        arguments: [
            ("{", nil, nil), ("[]", nil, nil), ("", nil, nil), ("{}", "model", "missing_required_parameter"),
            (#"{"model":"m"}"#, "messages", "missing_required_parameter"),
            (#"{"model":"m","messages":"hi"}"#, "messages", "invalid_type"),
            (#"{"model":"m","messages":[]}"#, "messages", "empty_array"),
            (#"{"model":"m","messages":[{"content":"x"}]}"#, "messages[0].role", "missing_required_parameter"),
            (#"{"model":"m","messages":[{"role":"user","content":5}]}"#, "messages[0].content", "invalid_type"),
            (chatBody("x", #""max_tokens":"5""#), "max_tokens", "invalid_type"),
            (chatBody("x", #""max_tokens":0"#), "max_tokens", "integer_below_min_value"),
            (chatBody("x", #""n":129"#), "n", "integer_above_max_value"),
            (chatBody("x", #""stream":"yes""#), "stream", "invalid_type"),
            (chatBody("x", #""tool_choice":{"type":"function","function":{"name":"f"}}"#), "tool_choice", nil),
        ] as [(String, String?, String?)])
    func `A request with a fault is refused as OpenAI does`(body: String, param: String?, code: String?) throws {
        let exchange = try SimulatedExchange(body)
        #expect(exchange.status == 400)
        #expect(exchange.contentType == "application/json")
        let error = try #require(try exchange.json()["error"] as? [String: Any])
        #expect(error["type"] as? String == "invalid_request_error")
        #expect(error["param"] as? String == param)
        #expect(error["code"] as? String == code)
        #expect((error["message"] as? String)?.isEmpty == false)
    }

    @Test func `Failures come at their rate, drawn from seed and ordinal`() throws {
        func statuses(seed: UInt64) throws -> [UInt] {
            try (UInt64(0)..<400).map { ordinal in
                let options = SimulatorOptions(failureRate: 0.25, seed: seed)
                return try SimulatedExchange(chatBody(), options: options, ordinal: ordinal).status
            }
        }
        let drawn = try statuses(seed: 1)
        #expect(Set(drawn) == [200, 500])
        // Expected 100, standard deviation 8.7.
        #expect((60...140).contains(drawn.count { $0 == 500 }))
        #expect(try statuses(seed: 1) == drawn)
        #expect(try statuses(seed: 2) != drawn)
        let failed = try SimulatedExchange(chatBody(), options: SimulatorOptions(failureRate: 1))
        #expect((try failed.json()["error"] as? [String: Any])?["type"] as? String == "server_error")
    }

    @Test func `A cut stream ends in its midst, without a finish`() throws {
        let options = SimulatorOptions(truncateRate: 1)
        let body = chatBody("Hi", #""stream":true,"stream_options":{"include_usage":true}"#)
        let cut = try SimulatedExchange(body, options: options)
        let whole = try SimulatedExchange(body)
        #expect(
            whole.body.replacing(/"created":\d+/, with: "").hasPrefix(cut.body.replacing(/"created":\d+/, with: "")))
        #expect(cut.body.contains(#""content":"This""#))
        #expect(!cut.body.contains("[DONE]"))
        #expect(!cut.body.contains(#""finish_reason":""#))
        #expect(try SimulatedExchange(chatBody(), options: options).status == 200)
    }
}
