/// The tokens of one answer, in the terms in which OpenAI reports them
/// (https://platform.openai.com/docs/api-reference/chat/object, `usage`).
///
/// The details are parts of the sums: `cachedPromptTokens`, `cacheWriteTokens` and `audioPromptTokens` are contained in
/// `promptTokens`; `reasoningTokens` and `audioCompletionTokens` in `completionTokens`. A detail is nil when it was not
/// reported, which is not the same as a reported zero.
public struct TokenUsage: Sendable, Hashable {
    /// Everything that the model read.
    public var promptTokens: Int64
    /// Everything that the model wrote, what the caller does not see included.
    public var completionTokens: Int64
    /// As reported, or the sum of the two above if it was not.
    public var totalTokens: Int64
    /// Read from the provider's prompt cache.
    public var cachedPromptTokens: Int64?
    /// Written to the provider's prompt cache. Few providers report it.
    public var cacheWriteTokens: Int64?
    /// Audio that the model heard.
    public var audioPromptTokens: Int64?
    /// Reasoning, shown or not.
    public var reasoningTokens: Int64?
    /// Audio that the model spoke.
    public var audioCompletionTokens: Int64?

    /// A usage; the total defaults to the sum.
    public init(
        promptTokens: Int64, completionTokens: Int64, totalTokens: Int64? = nil, cachedPromptTokens: Int64? = nil,
        cacheWriteTokens: Int64? = nil, audioPromptTokens: Int64? = nil, reasoningTokens: Int64? = nil,
        audioCompletionTokens: Int64? = nil
    ) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.totalTokens = totalTokens ?? (promptTokens + completionTokens)
        self.cachedPromptTokens = cachedPromptTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.audioPromptTokens = audioPromptTokens
        self.reasoningTokens = reasoningTokens
        self.audioCompletionTokens = audioCompletionTokens
    }
}
