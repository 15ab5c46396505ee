import NIOCore

/// A simulated response (https://platform.openai.com/docs/api-reference/responses/object).
struct ResponsesSimulation {
    /// Its status.
    enum Status: String {
        case inProgress = "in_progress"
        case completed, incomplete
    }

    let itemID: String
    let choice: SimulatedChoice
    private let id: String
    /// As JSON.
    private let model: String
    private let created: Int
    private let promptTokens: Int

    /// Computes the answer from the texts and the seed only, so that it is the same for equal prompts.
    init(_ request: SimulatedResponsesRequest, seed: UInt64, created: Int) {
        var hash = PromptHash()
        for text in request.messages.joined() { hash.mix(text) }
        var generator = SeededGenerator(seed, hash.value)
        let number = String(generator.next(), radix: 16)
        id = "resp_sim_" + number
        let call = request.call
        itemID = (call == nil ? "msg_sim_" : "fc_sim_") + number
        model = String(buffer: ByteBuffer(encoding: request.model))
        self.created = created
        promptTokens = request.promptTokens
        choice = SimulatedChoice(
            call: call, format: request.text?.format?.format ?? .words, maxTokens: request.maxOutputTokens,
            using: &generator)
    }

    /// The answer as a JSON document.
    var document: SimulatedAnswer {
        SimulatedAnswer(json: ByteBuffer(string: response(finalStatus)), tokens: choice.tokens)
    }

    var finalStatus: Status {
        if case .text(_, isCut: true) = choice { .incomplete } else { .completed }
    }

    /// The `response` object.
    func response(_ status: Status) -> String {
        let isDone = status != .inProgress
        let cut = status == .incomplete ? #"{"reason":"max_output_tokens"}"# : "null"
        return
            #"{"id":"\#(id)","object":"response","created_at":\#(created),"status":"\#(status.rawValue)","error":null,"#
            + #""incomplete_details":\#(cut),"instructions":null,"metadata":{},"model":\#(model),"#
            + #""output":[\#(isDone ? item(status) : "")],"parallel_tool_calls":true,"temperature":null,"#
            + #""tool_choice":"auto","tools":[],"top_p":null,"usage":\#(isDone ? usage : "null")}"#
    }

    /// The only item of its output.
    func item(_ status: Status) -> String {
        let isDone = status != .inProgress
        switch choice {
        case .text(let pieces, _):
            let content = isDone ? Self.part(pieces.joined()) : ""
            return #"{"id":"\#(itemID)","type":"message","status":"\#(status.rawValue)","role":"assistant","#
                + #""content":[\#(content)]}"#
        case .toolCall(let callID, let function, let arguments):
            let name = SimulatedText.quoted(function)
            return #"{"id":"\#(itemID)","type":"function_call","status":"\#(status.rawValue)","#
                + #""call_id":"\#(callID)","name":\#(name),"arguments":\#(SimulatedText.quoted(isDone ? arguments : ""))}"#
        }
    }

    /// The only part of a message's content.
    static func part(_ text: String) -> String {
        #"{"type":"output_text","text":\#(SimulatedText.quoted(text)),"annotations":[]}"#
    }

    private var usage: String {
        #"{"input_tokens":\#(promptTokens),"input_tokens_details":{"cached_tokens":0},"output_tokens":\#(choice.tokens),"#
            + #""output_tokens_details":{"reasoning_tokens":0},"total_tokens":\#(promptTokens + choice.tokens)}"#
    }
}
