import NIOCore

extension ResponsesSimulation {
    /// The answer as server-sent events (https://platform.openai.com/docs/api-reference/responses-streaming).
    ///
    /// - Parameter isTruncated: The stream ends half-way.
    func stream(isTruncated: Bool) -> SimulatedAnswer {
        var events = ResponsesEvents()
        events.append("response.created", #""response":\#(response(.inProgress))"#)
        events.append("response.in_progress", #""response":\#(response(.inProgress))"#)
        events.append("response.output_item.added", #""output_index":0,"item":\#(item(.inProgress))"#)
        switch choice {
        case .text(let pieces, _): events.append(pieces, of: itemID)
        case .toolCall(_, let function, let arguments):
            events.append(callOf: function, arguments, choice.tokens, of: itemID)
        }
        if isTruncated { return SimulatedAnswer(events: events.parts.dropLast(events.parts.count / 2)) }
        events.append("response.output_item.done", #""output_index":0,"item":\#(item(finalStatus))"#)
        events.append("response.\(finalStatus.rawValue)", #""response":\#(response(finalStatus))"#)
        return SimulatedAnswer(events: events.parts)
    }
}

/// The numbered events of a stream of responses.
private struct ResponsesEvents {
    private(set) var parts: [SimulatedAnswer.Part] = []
    private var tokens = 0

    /// - Parameters:
    ///   - members: The fields of the event besides its type and number, as the members of a JSON object.
    ///   - tokens: The tokens that it adds to the answer.
    mutating func append(_ type: String, _ members: String, tokens added: Int = 0) {
        tokens += added
        let data = #"{"type":"\#(type)","sequence_number":\#(parts.count),\#(members)}"#
        let bytes = ByteBuffer(string: "event: \(type)\ndata: \(data)\n\n")
        parts.append(SimulatedAnswer.Part(bytes: bytes, tokensSoFar: tokens))
    }

    /// The words of a message.
    mutating func append(_ pieces: [String], of item: String) {
        let place = #""item_id":"\#(item)","output_index":0,"content_index":0"#
        append("response.content_part.added", #"\#(place),"part":\#(ResponsesSimulation.part(""))"#)
        var bytes = 0
        for piece in pieces {
            let before = SimulatedTokens.count(bytes: bytes)
            bytes += piece.utf8.count
            append(
                "response.output_text.delta", #"\#(place),"delta":\#(SimulatedText.quoted(piece)),"logprobs":[]"#,
                tokens: SimulatedTokens.count(bytes: bytes) - before)
        }
        let text = pieces.joined()
        append("response.output_text.done", #"\#(place),"text":\#(SimulatedText.quoted(text)),"logprobs":[]"#)
        append("response.content_part.done", #"\#(place),"part":\#(ResponsesSimulation.part(text))"#)
    }

    /// The arguments of a call.
    mutating func append(callOf function: String, _ text: String, _ tokens: Int, of item: String) {
        let place = #""item_id":"\#(item)","output_index":0"#
        let name = SimulatedText.quoted(function)
        let arguments = SimulatedText.quoted(text)
        append("response.function_call_arguments.delta", #"\#(place),"delta":\#(arguments)"#, tokens: tokens)
        append(
            "response.function_call_arguments.done", #"\#(place),"name":\#(name),"arguments":\#(arguments)"#)
    }
}
