/// A simulated chat completion, before its encoding as a document or a stream.
struct ChatSimulation {
    let id: String
    let model: String
    /// Seconds since 1970 UTC.
    let created: Int
    let choices: [SimulatedChoice]
    let promptTokens: Int

    var completionTokens: Int {
        choices.reduce(0) { $0 + $1.tokens }
    }

    /// Computes the answer from the messages and the seed only, so that it is the same for equal prompts.
    init(_ request: SimulatedChatRequest, seed: UInt64, created: Int) {
        var generator = SeededGenerator(seed, request.promptHash)
        id = "chatcmpl-sim-" + String(generator.next(), radix: 16)
        model = request.model
        self.created = created
        promptTokens = request.promptTokens
        choices = (0..<(request.choiceCount ?? 1)).map { _ in
            SimulatedChoice(
                call: request.call, format: request.responseFormat?.format ?? .words, maxTokens: request.tokenLimit,
                using: &generator)
        }
    }
}

extension SimulatedChatRequest {
    /// The hash of the roles and texts of the messages.
    fileprivate var promptHash: UInt64 {
        var hash = PromptHash()
        for message in messages {
            hash.mix(message.role)
            for text in message.content?.texts ?? [] { hash.mix(text) }
        }
        return hash.value
    }
}
