/// How a provider's chat API differs from OpenAI's own.
public struct CompatibilityProfile: Sendable, Hashable {
    /// The field for the limit of output tokens.
    public enum MaxTokensField: String, Sendable, CaseIterable {
        /// Whichever the caller used.
        case passthrough
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// What becomes of messages with the role `developer`.
    public enum DeveloperRole: String, Sendable, CaseIterable {
        case passthrough
        /// They are sent with the role `system`.
        case system
    }

    /// What becomes of `reasoning_effort`.
    public enum ReasoningEffort: String, Sendable, CaseIterable {
        case passthrough
        /// It is left out.
        case omit
        /// It is sent as `reasoning: {effort}`.
        case reasoningObject = "reasoning_object"
    }

    /// Whether `store` may be sent; it is left out otherwise.
    public let supportsStore: Bool
    /// Under which name the limit of output tokens is sent.
    public let maxTokensField: MaxTokensField
    /// Under which role developer messages are sent.
    public let developerRole: DeveloperRole
    /// How the reasoning effort is sent.
    public let reasoningEffort: ReasoningEffort
    /// Whether a stream's usage can be asked for with `stream_options`.
    public let supportsStreamUsage: Bool

    /// A profile; the defaults are OpenAI's own ways.
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

    /// Nothing is changed.
    public static let standard = CompatibilityProfile()
}
