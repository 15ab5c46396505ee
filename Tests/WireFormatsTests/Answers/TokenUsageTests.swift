import GatewayCore
import NIOCore
import Testing
import WireFormats

struct TokenUsageTests {
    private func usage(_ json: String) -> TokenUsage? {
        TokenUsage(openAI: ByteBuffer(string: json))
    }

    @Test func readsEverything() {
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
            (
                #"{"prompt_tokens":1000000000000,"completion_tokens":1000000000001}"#,
                TokenUsage(promptTokens: 1_000_000_000_000, completionTokens: 0)
            ),
            (
                #"{"prompt_tokens":1,"completion_tokens":99999999999999999999999}"#,
                TokenUsage(promptTokens: 1, completionTokens: 0)
            ),
            (
                #"{"prompt_tokens":1,"completion_tokens":"2","prompt_tokens_details":{"cached_tokens":1.5}}"#,
                TokenUsage(promptTokens: 1, completionTokens: 0)
            ),
            (
                #"{"prompt\u005ftokens":1,"completion_tokens":1e2,"completion_tokens_details":[]}"#,
                TokenUsage(promptTokens: 1, completionTokens: 0)
            ),
            ("{}", nil),
            (#"{"total_tokens":3}"#, nil),
            (#"{"prompt_tokens":-1}"#, nil),
            ("null", nil),
            ("[]", nil),
            ("", nil),
            (#"{"prompt_tokens":1"#, nil), (#"{"prompt_tokens":1}}"#, nil),
        ] as [(String, TokenUsage?)])
    func passesOverWhatIsNotACount(json: String, expected: TokenUsage?) {
        #expect(usage(json) == expected)
    }
}
