import NIOCore

/// A simulated chat completion: what is said, before it is put into either of the two forms of an answer.
struct ChatSimulation {
    /// One of the answer's choices.
    enum Choice {
        case text(pieces: [String], isCut: Bool)
        case toolCall(id: String, function: String)

        var finishReason: String {
            switch self {
            case .text(_, let isCut): isCut ? "length" : "stop"
            case .toolCall: "tool_calls"
            }
        }

        /// The tokens of the whole choice, by the rule of `SimulatedTokens`.
        var tokens: Int {
            switch self {
            case .text(let pieces, _): SimulatedTokens.count(bytes: pieces.reduce(0) { $0 + $1.utf8.count })
            case .toolCall(_, let function):
                SimulatedTokens.count(function) + SimulatedTokens.count(Self.arguments)
            }
        }

        /// What every simulated tool call passes.
        static let arguments = "{}"
    }

    let id: String
    let model: String
    /// Seconds since 1970 UTC.
    let created: Int
    let choices: [Choice]
    let promptTokens: Int

    var completionTokens: Int {
        choices.reduce(0) { $0 + $1.tokens }
    }

    /// Works out the answer: from the messages and the seed alone, so that it is the same for equal prompts.
    init(_ request: SimulatedChatRequest, seed: UInt64, created: Int) {
        var generator = SeededGenerator(seed, request.promptHash)
        id = "chatcmpl-sim-" + String(generator.next(), radix: 16)
        model = request.model
        self.created = created
        promptTokens = request.promptTokens
        choices = (0..<(request.choiceCount ?? 1)).map { _ in
            if let function = request.forcedFunction {
                return .toolCall(id: "call_sim_" + String(generator.next(), radix: 16), function: function)
            }
            let text = SimulatedText.pieces(maxTokens: request.tokenLimit, using: &generator)
            return .text(pieces: text.pieces, isCut: text.isCut)
        }
    }

    /// The whole answer to a request, errors included.
    static func answer(to request: SimulatedRequest, options: SimulatorOptions, created: Int) -> SimulatedAnswer {
        do throws(SimulatedError) {
            let chat = try SimulatedChatRequest(body: request.body)
            var fate = SeededGenerator(options.seed, request.ordinal)
            if fate.draw(probability: options.failureRate) { throw .failure }
            let isTruncated = fate.draw(probability: options.truncateRate)
            let simulation = ChatSimulation(chat, seed: options.seed, created: created)
            guard chat.stream == true else { return simulation.document }
            let includesUsage = chat.streamOptions?.includesUsage == true
            return simulation.stream(includesUsage: includesUsage, isTruncated: isTruncated)
        } catch {
            return SimulatedAnswer(error: error)
        }
    }
}

extension SimulatedChatRequest {
    /// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) over the roles and texts of the messages.
    fileprivate var promptHash: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        for message in messages {
            mix(message.role)
            for text in message.content?.texts ?? [] { mix(text) }
        }
        return hash
    }
}
