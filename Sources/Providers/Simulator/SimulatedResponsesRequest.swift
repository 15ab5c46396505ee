/// The fields of a responses request that the simulator reads
/// (https://platform.openai.com/docs/api-reference/responses/create). All others have no effect on a simulated answer.
struct SimulatedResponsesRequest: Decodable {
    /// A text, or items, of which only messages matter.
    struct Input: Decodable {
        private struct Item: Decodable {
            let content: SimulatedChatRequest.Content?
        }

        /// The texts of each message.
        let messages: [[String]]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                messages = [[text]]
            } else {
                messages = try container.decode([Item].self).compactMap { $0.content?.texts }
            }
        }
    }

    struct Tool: Decodable {
        let type: String
        let name: String?
    }

    /// `"none"`, `"auto"`, `"required"`, or a function that must be called.
    enum ToolChoice: Decodable {
        case mode(String)
        case tool(Tool)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let mode = try? container.decode(String.self) {
                self = .mode(mode)
            } else {
                self = .tool(try container.decode(Tool.self))
            }
        }
    }

    let model: String
    let input: Input?
    let instructions: String?
    let stream: Bool?
    let maxOutputTokens: Int?
    let tools: [Tool]?
    let toolChoice: ToolChoice?

    private enum CodingKeys: String, CodingKey {
        case model, input, instructions, stream, tools
        case maxOutputTokens = "max_output_tokens"
        case toolChoice = "tool_choice"
    }

    /// Reads a request, and refuses what OpenAI would refuse.
    init(_ request: SimulatedRequest) throws(SimulatedError) {
        self = try request.decode()
        if let maxOutputTokens, maxOutputTokens < 1 {
            throw .invalid(
                "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 1, but got "
                    + "\(maxOutputTokens) instead.",
                param: "max_output_tokens", code: "integer_below_min_value")
        }
        if let function = forcedFunction, tools?.contains(where: { $0.name == function }) != true {
            throw .invalid("Tool choice '\(function)' not found in 'tools' parameter.", param: "tool_choice")
        }
    }

    /// The texts of each message, the instructions as the first.
    var messages: [[String]] {
        (instructions.map { [[$0]] } ?? []) + (input?.messages ?? [])
    }

    /// The tokens of the prompt, by the rule of `SimulatedTokens`.
    var promptTokens: Int {
        messages.reduce(0) { sum, texts in
            let bytes = texts.reduce(0) { $0 + $1.utf8.count }
            return sum + SimulatedTokens.count(bytes: bytes) + SimulatedTokens.perMessage
        }
    }

    /// The function that the caller requires, if any.
    var forcedFunction: String? {
        switch toolChoice {
        case .tool(let tool) where tool.type == "function": tool.name
        case .mode("required"): tools?.first { $0.type == "function" }?.name
        case .tool, .mode, nil: nil
        }
    }
}
