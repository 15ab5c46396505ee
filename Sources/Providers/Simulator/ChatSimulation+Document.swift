import NIOCore

extension ChatSimulation {
    /// The answer as a `chat.completion` object.
    var document: SimulatedAnswer {
        let completion = ChatCompletion(
            id: id, created: created, model: model,
            choices: choices.enumerated().map { ChatCompletion.Choice(index: $0.offset, $0.element) },
            usage: ChatUsage(prompt: promptTokens, completion: completionTokens))
        return SimulatedAnswer(json: ByteBuffer(encoding: completion), tokens: completionTokens)
    }
}

/// https://platform.openai.com/docs/api-reference/chat/object
private struct ChatCompletion: Encodable {
    struct Choice: Encodable {
        let index: Int
        let message: Message
        let finishReason: String

        init(index: Int, _ choice: SimulatedChoice) {
            self.index = index
            finishReason = choice.finishReason
            message =
                switch choice {
                case .text(let pieces, _): Message(content: pieces.joined(), toolCalls: nil)
                case .toolCall(let id, let function, let arguments):
                    Message(content: nil, toolCalls: [ToolCall(id, function, arguments)])
                }
        }

        private enum CodingKeys: String, CodingKey {
            case index, message
            case finishReason = "finish_reason"
        }
    }

    struct Message: Encodable {
        let content: String?
        let toolCalls: [ToolCall]?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("assistant", forKey: .role)
            try container.encode(content, forKey: .content)
            try container.encodeNil(forKey: .refusal)
            try container.encodeIfPresent(toolCalls, forKey: .toolCalls)
        }

        private enum CodingKeys: String, CodingKey {
            case role, content, refusal
            case toolCalls = "tool_calls"
        }
    }

    struct ToolCall: Encodable {
        struct Function: Encodable {
            let name: String
            let arguments: String
        }

        let id: String
        let type = "function"
        let function: Function

        init(_ id: String, _ function: String, _ arguments: String) {
            self.id = id
            self.function = Function(name: function, arguments: arguments)
        }
    }

    let id: String
    let object = "chat.completion"
    let created: Int
    let model: String
    let systemFingerprint = "simulated"
    let choices: [Choice]
    let usage: ChatUsage

    private enum CodingKeys: String, CodingKey {
        case id, object, created, model, choices, usage
        case systemFingerprint = "system_fingerprint"
    }
}

/// The usage of a chat completion, in either form of the answer.
struct ChatUsage: Encodable {
    private let promptTokens: Int
    private let completionTokens: Int
    private let totalTokens: Int

    init(prompt: Int, completion: Int) {
        promptTokens = prompt
        completionTokens = completion
        totalTokens = prompt + completion
    }

    private enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
        case totalTokens = "total_tokens"
    }
}
