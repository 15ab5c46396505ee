/// How a provider's chat API differs from OpenAI's own.
public struct CompatibilityProfile: Sendable, Hashable {
    /// The name of the field that limits output tokens.
    public enum MaxTokensField: String, Sendable, CaseIterable {
        /// The name that the caller used.
        case passthrough
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// How messages with the role `developer` are sent.
    public enum DeveloperRole: String, Sendable, CaseIterable {
        case passthrough
        /// With the role `system`.
        case system
    }

    /// How `reasoning_effort` is sent.
    public enum ReasoningEffort: String, Sendable, CaseIterable {
        case passthrough
        /// Not at all.
        case omit
        /// As `reasoning: {effort}`.
        case reasoningObject = "reasoning_object"
    }

    /// Whether `store` may be sent.
    public let supportsStore: Bool
    /// The name under which the limit of output tokens is sent.
    public let maxTokensField: MaxTokensField
    /// The role with which developer messages are sent.
    public let developerRole: DeveloperRole
    /// How the reasoning effort is sent.
    public let reasoningEffort: ReasoningEffort
    /// Whether `stream_options` can request the usage of a stream.
    public let supportsStreamUsage: Bool

    /// The defaults are OpenAI's own API.
    public init(
        supportsStore: Bool = true, maxTokensField: MaxTokensField = .passthrough,
        developerRole: DeveloperRole = .passthrough, reasoningEffort: ReasoningEffort = .passthrough,
        supportsStreamUsage: Bool = true
    ) {
        self.supportsStore = supportsStore
        self.maxTokensField = maxTokensField
        self.developerRole = developerRole
        self.reasoningEffort = reasoningEffort
        self.supportsStreamUsage = supportsStreamUsage
    }

    /// OpenAI's own API: changes nothing.
    public static let standard = CompatibilityProfile()
}
