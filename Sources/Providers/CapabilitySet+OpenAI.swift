import GatewayCore

extension CapabilitySet {
    /// The capabilities of OpenAI-compatible upstreams; a route removes those that its model lacks.
    static let openAI: CapabilitySet = [
        .chatCompletions, .responses, .embeddings, .stream, .tools, .vision, .audio, .files, .jsonSchema,
        .developerRole,
    ]
}
