import GatewayCore
import NIOCore

/// Reads streamed chat answers (https://platform.openai.com/docs/api-reference/chat-streaming): they are complete when
/// every choice that was seen has a `finish_reason`, and end with `[DONE]`.
struct ChatStreamReader: StreamReader {
    private(set) var usage: TokenUsage?
    /// Any content, reasoning, refusal, tool or audio delta, or a finish reason.
    private(set) var hasContent = false
    private(set) var outputBytes: Int64 = 0
    var isComplete: Bool { choices.isComplete }

    var lacksRequestedUsage: Bool { clientWantsUsage && usage == nil }

    /// Nothing follows an error.
    var failure: RelayError? { nil }

    /// Chat completions are not referred to.
    var responseID: String? { nil }

    private let clientWantsUsage: Bool
    private var choices = ChoiceTracker()
    private var errorTexts: [String] = []

    init(clientWantsUsage: Bool) {
        self.clientWantsUsage = clientWantsUsage
    }

    mutating func takeErrorTexts() -> [String] {
        guard !errorTexts.isEmpty else { return [] }
        defer { errorTexts = [] }
        return errorTexts
    }

    var closingEvents: ByteBuffer { ByteBuffer(staticString: "data: [DONE]\n\n") }

    func errorEvent(_ error: GatewayError, requestID: String) -> ByteBuffer {
        ChatFamily.errorEvent(error, requestID: requestID, sequenceNumber: 0)
    }

    mutating func read(
        _ data: Bytes, named name: Bytes?, model: Bytes, edits: inout [EventEdit]
    ) throws(RelayError) -> EventDisposition {
        if data.isDone { return isComplete ? .forwardAndFinish : .finish }
        if let name, name.has("error", at: 0..<name.count) {
            throw .upstreamReportedError(UpstreamErrorBody(answer: ByteBuffer(bytes: data.buffer)))
        }
        let chunk: ChatChunk
        do throws(RelayError) {
            chunk = try ChatChunk(data, quotedModel: model, choices: &choices, edits: &edits)
        } catch {
            let isKnown = name.map { $0.isEmpty || $0.has("message", at: 0..<$0.count) } ?? true
            guard !isKnown else { throw error }
            // An event of a kind that is not known here, and whose data is no chunk: the gateway forwards it as it is.
            edits.removeAll(keepingCapacity: true)
            return .forward
        }
        return try record(chunk, data)
    }

    private mutating func record(_ chunk: ChatChunk, _ data: Bytes) throws(RelayError) -> EventDisposition {
        if let error = chunk.error {
            throw .upstreamReportedError(UpstreamErrorBody(error: data.part(error)))
        }
        if chunk.isOfAnotherFamily {
            throw .malformed("an event has a type and no choices: it is of another family")
        }
        if let span = chunk.usage { usage = TokenUsage(data.part(span), names: ChatFamily.usageNames) ?? usage }
        for span in chunk.choiceErrors { errorTexts.append(String(decoding: data.part(span).buffer, as: UTF8.self)) }
        if chunk.hasContent { hasContent = true }
        outputBytes += Int64(chunk.contentBytes)
        return chunk.isUsageOnly && !clientWantsUsage ? .drop : .forward
    }
}
