/// Token counts as a provider reported them, in the OpenAI shape.
public struct TokenUsage: Sendable, Hashable {
    public var promptTokens: Int64
    public var completionTokens: Int64

    public init(promptTokens: Int64 = 0, completionTokens: Int64 = 0) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}
