/// The content of a simulated answer: words, or a function call.
enum SimulatedChoice {
    case text(pieces: [String], isCut: Bool)
    case toolCall(id: String, function: String)

    /// The arguments of every simulated tool call.
    static let arguments = "{}"

    /// A call of `function` if the caller requires one; otherwise words, at most `maxTokens`.
    init(function: String?, maxTokens: Int?, using generator: inout SeededGenerator) {
        if let function {
            self = .toolCall(id: "call_sim_" + String(generator.next(), radix: 16), function: function)
        } else {
            let text = SimulatedText.pieces(maxTokens: maxTokens, using: &generator)
            self = .text(pieces: text.pieces, isCut: text.isCut)
        }
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
        case .toolCall(_, let function): SimulatedTokens.count(function) + SimulatedTokens.count(Self.arguments)
        }
    }
}
