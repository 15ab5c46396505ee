/// The fields of a responses request that the simulator reads
/// (https://platform.openai.com/docs/api-reference/responses/create). All others have no effect on a simulated answer.
struct SimulatedResponsesRequest: Decodable {
    /// A text, or items, of which only messages and the outputs of functions matter.
    struct Input: Decodable {
        private struct Item: Decodable {
            let type: String?
            let role: String?
            let content: SimulatedChatRequest.Content?
        }

        /// The texts of each message.
        let messages: [[String]]
        /// The texts of the user's last message, if no function has answered it yet.
        let openPrompt: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                messages = [[text]]
                openPrompt = [text]
            } else {
                let items = try container.decode([Item].self)
                messages = items.compactMap { $0.content?.texts }
                let prompt = items.lastIndex { $0.role == "user" }
                let isAnswered = items[(prompt ?? 0)...].contains { $0.type?.hasSuffix("_output") == true }
                openPrompt = isAnswered ? [] : prompt.flatMap { items[$0].content?.texts } ?? []
            }
        }
    }

    struct Tool: Decodable {
        let type: String
        let name: String?
        let parameters: SchemaValue?
    }

    struct Text: Decodable {
        struct Format: Decodable {
            let type: String?
            let schema: SchemaValue?

            var format: SimulatedChoice.Format {
                switch type {
                case "json_schema": schema.map(SimulatedChoice.Format.schema) ?? .object
                case "json_object": .object
                default: .words
                }
            }
        }

        let format: Format?
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
    let text: Text?

    private enum CodingKeys: String, CodingKey {
        case model, input, instructions, stream, tools, text
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

    /// The function that is called: the one that the caller requires, else the first one that the prompt names, if none
    /// has answered it yet.
    var call: SimulatedChoice.Call? {
        let functions = tools?.filter { $0.type == "function" } ?? []
        let name = forcedFunction ?? (isFree ? functions.first { isNamed($0.name) }?.name : nil)
        guard let name else { return nil }
        return SimulatedChoice.Call(function: name, parameters: functions.first { $0.name == name }?.parameters)
    }

    private var isFree: Bool {
        switch toolChoice {
        case nil, .mode("auto"): true
        case .mode, .tool: false
        }
    }

    private func isNamed(_ function: String?) -> Bool {
        guard let function, !function.isEmpty else { return false }
        return input?.openPrompt.contains { $0.contains(function) } == true
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
