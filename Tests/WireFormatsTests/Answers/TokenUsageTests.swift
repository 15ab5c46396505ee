import GatewayCore
import NIOCore
import Testing
import WireFormats

struct TokenUsageTests {
    private func usage(_ json: String) -> TokenUsage? {
        TokenUsage(ByteBuffer(string: json), names: ChatFamily.usageNames)
    }

    @Test func `Reads everything`() {
        let json = #"""
            {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 121, "cost": 0.5,
             "prompt_tokens_details": {"cached_tokens": 60, "audio_tokens": 7, "cache_write_tokens": 5, "image_tokens": 3},
             "completion_tokens_details": {"reasoning_tokens": 8, "audio_tokens": 2, "accepted_prediction_tokens": 0}}
            """#
        let expected = TokenUsage(
            promptTokens: 100, completionTokens: 20, totalTokens: 121, cachedPromptTokens: 60, cacheWriteTokens: 5,
            audioPromptTokens: 7, reasoningTokens: 8, audioCompletionTokens: 2)
        #expect(usage(json) == expected)
    }

    @Test(
        arguments: [
            (#"{"prompt_tokens":3}"#, TokenUsage(promptTokens: 3, completionTokens: 0)),
            (
                #"{"completion_tokens":4.0,"prompt_tokens":null,"prompt_tokens_details":null}"#,
                TokenUsage(promptTokens: 0, completionTokens: 4)
            ),
            (
                #"{"prompt_tokens":1,"completion_tokens":2,"total_tokens":-3}"#,
                TokenUsage(promptTokens: 1, completionTokens: 2)
            ),
            (#"{"prompt_tokens":1000000000000,"completion_tokens":1000000000001}"#, nil),
            (#"{"prompt_tokens":1,"completion_tokens":99999999999999999999999}"#, nil),
            (#"{"prompt_tokens":1,"completion_tokens":"2","prompt_tokens_details":{"cached_tokens":1.5}}"#, nil),
            (#"{"prompt\u005ftokens":1,"completion_tokens":1e2,"completion_tokens_details":[]}"#, nil),
            (
                #"{"prompt\u005ftokens":1,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1.5}}"#,
                TokenUsage(promptTokens: 1, completionTokens: 2)
            ),
            ("{}", nil),
            (#"{"total_tokens":3}"#, nil),
            (#"{"prompt_tokens":-1}"#, nil),
            ("null", nil),
            ("[]", nil),
            ("", nil),
            (#"{"prompt_tokens":1"#, nil), (#"{"prompt_tokens":1}}"#, nil),
        ] as [(String, TokenUsage?)])
    func `A sum that is no count makes the usage void, any other field is passed over`(
        json: String, expected: TokenUsage?
    ) {
        #expect(usage(json) == expected)
    }

    /// Usage objects as providers send them, and what is priced: uncached, cache read, cache write, audio; text,
    /// reasoning, audio.
    @Test(
        arguments: [
            (  // OpenAI, chat: the details are parts of the sums.
                false,
                #"""
                {"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":
                {"cached_tokens":1920,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":128,"audio_tokens":0,
                "accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}
                """#, [86, 1920, 0, 0, 172, 128, 0]
            ),
            (  // OpenAI, chat with audio.
                false,
                #"""
                {"prompt_tokens":120,"completion_tokens":90,"total_tokens":210,"prompt_tokens_details":{"audio_tokens":100,
                "text_tokens":20,"cached_tokens":0},"completion_tokens_details":{"audio_tokens":70,"text_tokens":20}}
                """#, [20, 0, 0, 100, 20, 0, 70]
            ),
            (  // OpenAI, responses.
                true,
                #"""
                {"input_tokens":36,"input_tokens_details":{"cached_tokens":4},"output_tokens":87,"output_tokens_details":
                {"reasoning_tokens":64},"total_tokens":123}
                """#, [32, 4, 0, 0, 23, 64, 0]
            ),
            (  // OpenAI, responses, with a cache write.
                true,
                #"""
                {"input_tokens":1300,"input_tokens_details":{"cached_tokens":200,"cache_write_tokens":1024},"output_tokens":5,
                "output_tokens_details":null,"total_tokens":1305}
                """#, [76, 200, 1024, 0, 5, 0, 0]
            ),
            (  // xAI counts reasoning beside the completion.
                false,
                #"""
                {"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"cached_tokens":6},
                "completion_tokens_details":{"reasoning_tokens":94}}
                """#, [26, 6, 0, 0, 9, 94, 0]
            ),
            (  // llama.cpp.
                true,
                #"{"input_tokens":34,"output_tokens":10,"total_tokens":44,"input_tokens_details":{"cached_tokens":27}}"#,
                [7, 27, 0, 0, 10, 0, 0]
            ),
            (  // DeepSeek, whose own fields say the same once more.
                false,
                #"""
                {"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_cache_hit_tokens":64,
                "prompt_cache_miss_tokens":36,"prompt_tokens_details":{"cached_tokens":64},
                "completion_tokens_details":{"reasoning_tokens":20}}
                """#, [36, 64, 0, 0, 30, 20, 0]
            ),
        ] as [(Bool, String, [Int64])])
    func `Is taken apart into classes`(isResponse: Bool, json: String, expected: [Int64]) throws {
        let buffer = ByteBuffer(string: json)
        let names = isResponse ? ResponsesFamily.usageNames : ChatFamily.usageNames
        let usage = try #require(TokenUsage(buffer, names: names))
        let classes = TokenClasses(usage)
        let found = [
            classes.inputUncached, classes.inputCacheRead, classes.inputCacheWrite, classes.inputAudio,
            classes.outputText, classes.outputReasoning, classes.outputAudio,
        ]
        #expect(found == expected)
        #expect(found.reduce(0, +) == usage.totalTokens)
    }
}
