/// The tokens of one answer in classes that have nothing in common, each to be priced by its own rate. What was read sums to
/// `TokenUsage.promptTokens`, what was written to `completionTokens`, whatever the details say.
public struct TokenClasses: Sendable, Hashable {
    /// Read, and none of the next three.
    public var inputUncached: Int64
    /// Read from the provider's prompt cache.
    public var inputCacheRead: Int64
    /// Written to the provider's prompt cache.
    public var inputCacheWrite: Int64
    /// Heard.
    public var inputAudio: Int64
    /// Written, and none of the next two.
    public var outputText: Int64
    /// Reasoning, shown or not.
    public var outputReasoning: Int64
    /// Spoken.
    public var outputAudio: Int64

    /// Takes the details apart. A detail cannot be more than what is left of its sum: providers have been seen to report so,
    /// and a class below zero would give money back. Cache reads go first, being the details that every provider has.
    ///
    /// Cached audio is reported as cached and as audio, without saying how much of one is the other; it counts as cached, as
    /// far as the sum demands it.
    public init(_ usage: TokenUsage) {
        var input = usage.promptTokens
        inputCacheRead = Self.take(usage.cachedPromptTokens, from: &input)
        inputCacheWrite = Self.take(usage.cacheWriteTokens, from: &input)
        inputAudio = Self.take(usage.audioPromptTokens, from: &input)
        inputUncached = input
        var output = usage.completionTokens
        outputReasoning = Self.take(usage.reasoningTokens, from: &output)
        outputAudio = Self.take(usage.audioCompletionTokens, from: &output)
        outputText = output
    }

    private static func take(_ detail: Int64?, from sum: inout Int64) -> Int64 {
        let taken = min(max(detail ?? 0, 0), max(sum, 0))
        sum -= taken
        return taken
    }
}
