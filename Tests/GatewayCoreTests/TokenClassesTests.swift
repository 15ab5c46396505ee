import GatewayCore
import Testing

@Suite struct TokenClassesTests {
    private func inputs(_ classes: TokenClasses) -> [Int64] {
        [classes.inputUncached, classes.inputCacheRead, classes.inputCacheWrite, classes.inputAudio]
    }

    private func outputs(_ classes: TokenClasses) -> [Int64] {
        [classes.outputText, classes.outputReasoning, classes.outputAudio]
    }

    @Test(
        arguments: [
            (TokenUsage(promptTokens: 9, completionTokens: 3), [9, 0, 0, 0], [3, 0, 0]),
            (
                TokenUsage(
                    promptTokens: 100, completionTokens: 20, cachedPromptTokens: 60, cacheWriteTokens: 5,
                    audioPromptTokens: 7, reasoningTokens: 8, audioCompletionTokens: 2),
                [28, 60, 5, 7], [10, 8, 2]
            ),
            // Details that are more than their sum.
            (
                TokenUsage(
                    promptTokens: 10, completionTokens: 4, cachedPromptTokens: 8, audioPromptTokens: 5,
                    reasoningTokens: 9),
                [0, 8, 0, 2], [0, 4, 0]
            ),
            // Embeddings.
            (TokenUsage(promptTokens: 5, completionTokens: 0), [5, 0, 0, 0], [0, 0, 0]),
        ] as [(TokenUsage, [Int64], [Int64])])
    func `Details are taken apart`(usage: TokenUsage, expectedInputs: [Int64], expectedOutputs: [Int64]) {
        let classes = TokenClasses(usage)
        #expect(inputs(classes) == expectedInputs)
        #expect(outputs(classes) == expectedOutputs)
    }

    @Test func `The classes always sum to what was reported`() {
        var random = SeededGenerator(6)
        func count(_ limit: Int64) -> Int64? {
            Bool.random(using: &random) ? .random(in: 0...limit, using: &random) : nil
        }
        for _ in 0..<2_000 {
            let usage = TokenUsage(
                promptTokens: count(100) ?? 0, completionTokens: count(100) ?? 0, cachedPromptTokens: count(120),
                cacheWriteTokens: count(60), audioPromptTokens: count(60), reasoningTokens: count(120),
                audioCompletionTokens: count(60))
            let classes = TokenClasses(usage)
            #expect(inputs(classes).reduce(0, +) == usage.promptTokens)
            #expect(outputs(classes).reduce(0, +) == usage.completionTokens)
            #expect((inputs(classes) + outputs(classes)).allSatisfy { $0 >= 0 })
        }
    }
}
