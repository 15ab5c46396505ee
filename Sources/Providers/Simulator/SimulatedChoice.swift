/// The content of a simulated answer: words, JSON, or a function call.
enum SimulatedChoice {
    case text(pieces: [String], isCut: Bool)
    /// With its arguments as JSON.
    case toolCall(id: String, function: String, arguments: String)

    /// A function that is called, with the schema of its arguments.
    struct Call {
        let function: String
        let parameters: SchemaValue?
    }

    /// What the caller wants instead of words.
    enum Format {
        case words
        /// Any JSON object.
        case object
        case schema(SchemaValue)
    }

    /// A call if there is one; otherwise words or JSON, at most `maxTokens`.
    init(call: Call?, format: Format, maxTokens: Int?, using generator: inout SeededGenerator) {
        if let call {
            let id = "call_sim_" + String(generator.next(), radix: 16)
            self = .toolCall(
                id: id, function: call.function, arguments: (call.parameters?.leastObject ?? .object([])).json)
            return
        }
        let text =
            switch format {
            case .words: SimulatedText.pieces(maxTokens: maxTokens, using: &generator)
            case .object: SimulatedText.pieces(of: "{}", maxTokens: maxTokens)
            case .schema(let schema): SimulatedText.pieces(of: schema.least.json, maxTokens: maxTokens)
            }
        self = .text(pieces: text.pieces, isCut: text.isCut)
    }

    /// Its name in chat.
    var finishReason: String {
        switch self {
        case .text(_, let isCut): isCut ? "length" : "stop"
        case .toolCall: "tool_calls"
        }
    }

    /// By the rule of `SimulatedTokens`.
    var tokens: Int {
        switch self {
        case .text(let pieces, _): SimulatedTokens.count(bytes: pieces.reduce(0) { $0 + $1.utf8.count })
        case .toolCall(_, let function, let arguments):
            SimulatedTokens.count(function) + SimulatedTokens.count(arguments)
        }
    }
}
