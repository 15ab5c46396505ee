import NIOCore

extension ChatSimulation {
    /// The answer as server-sent events: for each choice a chunk with the role, one per word and one with the finish
    /// reason, with the choices in turns; then the usage, if requested, and `[DONE]`.
    ///
    /// - Parameter isTruncated: The stream ends half-way through the words.
    func stream(includesUsage: Bool, isTruncated: Bool) -> SimulatedAnswer {
        var events = ChatEvents(self, includesUsage: includesUsage)
        let deltas = choices.map(Self.deltas)
        for index in choices.indices { events.append(choice: index, delta: #"{"role":"assistant","content":""}"#) }
        for turn in 0..<(deltas.map(\.count).max() ?? 0) {
            for (index, deltas) in deltas.enumerated() where turn < deltas.count {
                events.append(choice: index, delta: deltas[turn].json, tokens: deltas[turn].tokens)
            }
        }
        if isTruncated { return SimulatedAnswer(events: events.parts.dropLast(events.parts.count / 2)) }
        for (index, choice) in choices.enumerated() {
            events.append(choice: index, delta: "{}", finishReason: choice.finishReason)
        }
        if includesUsage { events.append(ChatUsage(prompt: promptTokens, completion: completionTokens)) }
        events.appendDone()
        return SimulatedAnswer(events: events.parts)
    }

    /// The deltas of a choice's content, each with the tokens that it adds to the choice.
    private static func deltas(of choice: SimulatedChoice) -> [(json: String, tokens: Int)] {
        switch choice {
        case .text(let pieces, _):
            var bytes = 0
            return pieces.map { piece in
                let before = SimulatedTokens.count(bytes: bytes)
                bytes += piece.utf8.count
                return (#"{"content":\#(SimulatedText.quoted(piece))}"#, SimulatedTokens.count(bytes: bytes) - before)
            }
        case .toolCall(let id, let function, let text):
            let name = SimulatedText.quoted(function)
            let head = #"{"index":0,"id":"\#(id)","type":"function","function":{"name":\#(name),"arguments":""}}"#
            let arguments = #"{"index":0,"function":{"arguments":\#(SimulatedText.quoted(text))}}"#
            return [
                (#"{"tool_calls":[\#(head)]}"#, SimulatedTokens.count(function)),
                (#"{"tool_calls":[\#(arguments)]}"#, SimulatedTokens.count(text)),
            ]
        }
    }
}

/// The events of a chat stream (https://platform.openai.com/docs/api-reference/chat/streaming), in one buffer.
private struct ChatEvents {
    private let opening: ByteBuffer
    private let includesUsage: Bool
    private var bytes = ByteBuffer()
    private var ends: [(offset: Int, tokens: Int)] = []
    private var tokens = 0

    init(_ chat: ChatSimulation, includesUsage: Bool) {
        let model = String(buffer: ByteBuffer(encoding: chat.model))
        opening = ByteBuffer(
            string: #"data: {"id":"\#(chat.id)","object":"chat.completion.chunk","created":\#(chat.created),"#
                + #""model":\#(model),"system_fingerprint":"simulated","choices":["#)
        self.includesUsage = includesUsage
    }

    var parts: [SimulatedAnswer.Part] {
        var start = 0
        return ends.compactMap { end in
            defer { start = end.offset }
            return bytes.getSlice(at: start, length: end.offset - start).map {
                SimulatedAnswer.Part(bytes: $0, tokensSoFar: end.tokens)
            }
        }
    }

    mutating func append(choice: Int, delta: String, tokens: Int = 0, finishReason: String? = nil) {
        bytes.writeImmutableBuffer(opening)
        bytes.writeString(#"{"index":\#(choice),"delta":"#)
        bytes.writeString(delta)
        bytes.writeString(#","logprobs":null,"finish_reason":"#)
        bytes.writeString(finishReason.map { "\"\($0)\"" } ?? "null")
        bytes.writeString(includesUsage ? #"}],"usage":null}"# : "}]}")
        endEvent(tokens: tokens)
    }

    mutating func append(_ usage: ChatUsage) {
        bytes.writeImmutableBuffer(opening)
        bytes.writeString(#"],"usage":"#)
        bytes.writeImmutableBuffer(ByteBuffer(encoding: usage))
        bytes.writeString("}")
        endEvent(tokens: 0)
    }

    mutating func appendDone() {
        bytes.writeString("data: [DONE]")
        endEvent(tokens: 0)
    }

    private mutating func endEvent(tokens added: Int) {
        bytes.writeString("\n\n")
        tokens += added
        ends.append((bytes.writerIndex, tokens))
    }
}
