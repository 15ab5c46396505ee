/// The tokens of one answer in disjoint classes, each with a price of its own. The input classes sum to
/// `TokenUsage.promptTokens`, the output classes to `completionTokens`, whatever the details are.
public struct TokenClasses: Sendable, Hashable {
    /// Input in none of the next three classes.
    public var inputUncached: Int64
    /// Read from the provider's prompt cache.
    public var inputCacheRead: Int64
    /// Written to the provider's prompt cache.
    public var inputCacheWrite: Int64
    /// Audio input.
    public var inputAudio: Int64
    /// Output in none of the next two classes.
    public var outputText: Int64
    /// Reasoning, visible or not.
    public var outputReasoning: Int64
    /// Audio output.
    public var outputAudio: Int64

    /// The tokens of each class must not be negative.
    public init(
        inputUncached: Int64 = 0, inputCacheRead: Int64 = 0, inputCacheWrite: Int64 = 0, inputAudio: Int64 = 0,
        outputText: Int64 = 0, outputReasoning: Int64 = 0, outputAudio: Int64 = 0
    ) {
        self.inputUncached = inputUncached
        self.inputCacheRead = inputCacheRead
        self.inputCacheWrite = inputCacheWrite
        self.inputAudio = inputAudio
        self.outputText = outputText
        self.outputReasoning = outputReasoning
        self.outputAudio = outputAudio
    }

    /// Divides the sums by their details. Some providers report details that exceed the sum; a detail is limited to
    /// what is left of the sum, since a negative class would refund money. Cache reads come first: every provider
    /// reports them.
    ///
    /// Cached audio is reported as cached and as audio, without the overlap; tokens beyond the sum count as cached.
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
