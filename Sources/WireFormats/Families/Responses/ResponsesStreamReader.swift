import GatewayCore
import NIOCore

/// Reads streamed responses (https://platform.openai.com/docs/api-reference/responses-streaming): they end well with
/// `response.completed`, or with `response.incomplete`, which ran into a limit.
struct ResponsesStreamReader: StreamReader {
    private(set) var usage: TokenUsage?
    /// Anything but the announcements (`created`, `queued`, `in_progress`).
    private(set) var hasContent = false
    private(set) var isComplete = false
    private(set) var outputBytes: Int64 = 0

    var failure: RelayError? { reported.map(RelayError.upstreamReportedError) }

    /// By an `error`, after which OpenAI sends a `response.failed` with less in it.
    private var reported: UpstreamErrorBody?

    /// Of events other than `response.failed`.
    private var errorTexts: [String] = []

    private(set) var failedText: String?

    /// The response's id, once it has come.
    private(set) var responseID: String?

    /// What the next event's `sequence_number` would be.
    private var nextSequenceNumber: Int64 = 0

    /// Without its last event a response is never complete.
    var closingEvents: ByteBuffer { ByteBuffer() }

    func errorEvent(_ error: GatewayError, requestID: String) -> ByteBuffer {
        ResponsesFamily.errorEvent(error, requestID: requestID, sequenceNumber: nextSequenceNumber)
    }

    mutating func takeErrorTexts() -> [String] {
        guard !errorTexts.isEmpty else { return [] }
        defer { errorTexts = [] }
        return errorTexts
    }

    mutating func read(
        _ data: Bytes, named name: Bytes?, model: Bytes, edits: inout [EventEdit]
    ) throws(RelayError) -> EventDisposition {
        // Some servers end their streams as those of chat end; at it the SDKs stop, and would take a cut response for
        // whole.
        if data.isDone { return .finish }
        let event = try ResponsesEvent(data, quotedModel: model, edits: &edits)
        // llama.cpp's server numbers nothing; what another one writes may be any number.
        let number = event.sequenceNumber ?? nextSequenceNumber
        nextSequenceNumber = number == .max ? number : number + 1
        if responseID == nil, let span = event.id { responseID = JSONText.text(data.part(span)) }
        if let span = event.usage { usage = TokenUsage(data.part(span), names: ResponsesFamily.usageNames) ?? usage }
        if let text = event.error.map({ String(decoding: data.part($0).buffer, as: UTF8.self) }) {
            if event.kind == .failed { failedText = text } else { errorTexts.append(text) }
        }
        switch event.kind {
        case .announcement: break
        case .other:
            hasContent = true
            outputBytes += Int64(event.deltaBytes)
        case .completed:
            (hasContent, isComplete) = (true, true)
            return .forwardAndFinish
        case .failed:
            // Some clients (Codex) know no other event of a failure.
            let report = event.error.map { UpstreamErrorBody(error: data.part($0)) } ?? UpstreamErrorBody()
            return .fail(.upstreamReportedError(reported.map(report.merging) ?? report))
        case .error:
            // The gateway writes its own; OpenAI's `response.failed` follows.
            reported = reported ?? UpstreamErrorBody(body: data)
            return .drop
        }
        return .forward
    }
}
