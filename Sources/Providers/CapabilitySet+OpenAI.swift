import GatewayCore

extension CapabilitySet {
    /// What an upstream that speaks OpenAI's API can be asked for; a route says what its model lacks.
    static let openAI: CapabilitySet = [
        .chatCompletions, .responses, .embeddings, .stream, .tools, .vision, .audio, .files, .jsonSchema,
        .developerRole,
    ]
}
