/// The fields of a chat completion request that the simulator reads
/// (https://platform.openai.com/docs/api-reference/chat/create). All others, including `stop`, have no effect on a
/// simulated answer.
struct SimulatedChatRequest: Decodable {
    struct Message: Decodable {
        let role: String
        let content: Content?
    }

    /// A message's text: a string, or the text parts of a list.
    struct Content: Decodable {
        private struct Part: Decodable {
            let type: String
            let text: String?
        }

        let texts: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                texts = [text]
                return
            }
            texts = try container.decode([Part].self).compactMap(\.text)
        }
    }

    struct StreamOptions: Decodable {
        let includesUsage: Bool?

        private enum CodingKeys: String, CodingKey {
            case includesUsage = "include_usage"
        }
    }

    struct Tool: Decodable {
        struct Function: Decodable {
            let name: String
            let parameters: SchemaValue?
        }

        let function: Function?
    }

    /// How the answer is written.
    struct ResponseFormat: Decodable {
        struct Named: Decodable {
            let schema: SchemaValue?
        }

        let type: String?
        let named: Named?

        private enum CodingKeys: String, CodingKey {
            case type
            case named = "json_schema"
        }

        var format: SimulatedChoice.Format {
            switch type {
            case "json_schema": named?.schema.map(SimulatedChoice.Format.schema) ?? .object
            case "json_object": .object
            default: .words
            }
        }
    }

    /// `"none"`, `"auto"`, `"required"`, or a function that must be called.
    enum ToolChoice: Decodable {
        case mode(String)
        case function(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let mode = try? container.decode(String.self) {
                self = .mode(mode)
                return
            }
            let tool = try container.decode(Tool.self)
            self = tool.function.map { .function($0.name) } ?? .mode("auto")
        }
    }

    let model: String
    let messages: [Message]
    let stream: Bool?
    let streamOptions: StreamOptions?
    let choiceCount: Int?
    let maxTokens: Int?
    let maxCompletionTokens: Int?
    let tools: [Tool]?
    let toolChoice: ToolChoice?
    let responseFormat: ResponseFormat?

    private enum CodingKeys: String, CodingKey {
        case model, messages, stream, tools
        case streamOptions = "stream_options"
        case choiceCount = "n"
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
        case toolChoice = "tool_choice"
        case responseFormat = "response_format"
    }

    /// Reads a request, and refuses what OpenAI would refuse.
    init(_ request: SimulatedRequest) throws(SimulatedError) {
        self = try request.decode()
        try validate()
    }

    /// The tokens of the prompt, by the rule of `SimulatedTokens`.
    var promptTokens: Int {
        messages.reduce(0) { sum, message in
            let bytes = message.content?.texts.reduce(0) { $0 + $1.utf8.count } ?? 0
            return sum + SimulatedTokens.count(bytes: bytes) + SimulatedTokens.perMessage
        }
    }

    /// The maximum number of tokens of a choice.
    var tokenLimit: Int? {
        maxCompletionTokens ?? maxTokens
    }

    /// The function that the caller requires, if any.
    var forcedFunction: String? {
        switch toolChoice {
        case .function(let name): name
        case .mode("required"): tools?.lazy.compactMap(\.function).first?.name
        case .mode, nil: nil
        }
    }

    /// The function that is called: the one that the caller requires, else the first one that the prompt names, if no
    /// tool has answered it yet.
    var call: SimulatedChoice.Call? {
        let functions = tools?.compactMap(\.function) ?? []
        let name = forcedFunction ?? (isFree ? functions.first { isNamed($0.name) }?.name : nil)
        guard let name else { return nil }
        return SimulatedChoice.Call(
            function: name, parameters: functions.first { $0.name == name }?.parameters)
    }

    private var isFree: Bool {
        switch toolChoice {
        case nil, .mode("auto"): true
        case .mode, .function: false
        }
    }

    private func isNamed(_ function: String) -> Bool {
        guard let prompt = messages.lastIndex(where: { $0.role == "user" }) else { return false }
        guard !messages[prompt...].contains(where: { $0.role == "tool" || $0.role == "function" }) else { return false }
        return !function.isEmpty && messages[prompt].content?.texts.contains { $0.contains(function) } == true
    }

    private func validate() throws(SimulatedError) {
        if messages.isEmpty {
            throw .invalid(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                param: "messages", code: "empty_array")
        }
        let counts: [(CodingKeys, Int?)] = [
            (.maxTokens, maxTokens), (.maxCompletionTokens, maxCompletionTokens), (.choiceCount, choiceCount),
        ]
        for (key, value) in counts {
            let name = key.rawValue
            guard let value, value < 1 else { continue }
            throw .invalid(
                "Invalid '\(name)': integer below minimum value. Expected a value >= 1, but got \(value) instead.",
                param: name, code: "integer_below_min_value")
        }
        if let choiceCount, choiceCount > 128 {
            throw .invalid(
                "Invalid 'n': integer above maximum value. Expected a value <= 128, but got \(choiceCount) instead.",
                param: "n", code: "integer_above_max_value")
        }
        if let index = tools?.firstIndex(where: { $0.function?.name.utf8.count ?? 0 > 64 }) {
            let name = "tools[\(index)].function.name"
            throw .invalid(
                "Invalid '\(name)': string too long. Expected a string with maximum length 64.", param: name,
                code: "string_above_max_length")
        }
        guard case .function(let name) = toolChoice else { return }
        let isKnown = tools?.contains { $0.function?.name == name } ?? false
        if !isKnown {
            throw .invalid("Tool choice '\(name)' not found in 'tools' parameter.", param: "tool_choice")
        }
    }
}
