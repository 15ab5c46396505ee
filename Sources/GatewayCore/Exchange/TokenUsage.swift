/// The tokens of one answer, in OpenAI's terms
/// (https://platform.openai.com/docs/api-reference/chat/object, `usage`).
///
/// The details are parts of the sums: `cachedPromptTokens`, `cacheWriteTokens` and `audioPromptTokens` are contained in
/// `promptTokens`; `reasoningTokens` and `audioCompletionTokens` in `completionTokens`. A detail that was not reported
/// is nil, which is not the same as a reported zero.
public struct TokenUsage: Sendable, Hashable {
    /// All input.
    public var promptTokens: Int64
    /// All output, including what the caller does not see.
    public var completionTokens: Int64
    /// As reported, else the sum of the two above.
    public var totalTokens: Int64
    /// Read from the provider's prompt cache.
    public var cachedPromptTokens: Int64?
    /// Written to the provider's prompt cache. Few providers report it.
    public var cacheWriteTokens: Int64?
    /// Audio input.
    public var audioPromptTokens: Int64?
    /// Reasoning, visible or not.
    public var reasoningTokens: Int64?
    /// Audio output.
    public var audioCompletionTokens: Int64?

    /// - Parameter totalTokens: the sum of prompt and completion tokens by default.
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
