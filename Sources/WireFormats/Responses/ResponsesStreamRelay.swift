public import GatewayCore
public import NIOCore

/// Relays a streamed response as it comes, in parts of any size: whole events go out at once and as they are, but for the name of
/// the model within `response`, which becomes the one that the caller asked for
/// (https://platform.openai.com/docs/api-reference/responses-streaming).
public struct ResponsesStreamRelay: Sendable {
    /// The last usage that the upstream reported.
    public private(set) var usage: TokenUsage?

    /// The response's id, once it has come.
    public private(set) var responseID: String?

    /// Whether anything but the announcements (`created`, `queued`, `in_progress`) has come.
    public private(set) var hasContent = false

    /// Whether the response has ended well: `response.completed`, or `response.incomplete`, which ran into a limit.
    public private(set) var isComplete = false

    /// Whether the last event has come: nothing that follows it counts.
    public private(set) var isDone = false

    /// What the next event's `sequence_number` would be.
    public private(set) var nextSequenceNumber: Int64 = 0

    private let quotedModel: [UInt8]
    private var blocks = SSEBlockBuffer(limit: SSEParser.defaultLimit)
    private var isFirstBlock = true
    private var fault: RelayFault?

    /// A relay that tells the caller `clientModel` as the model's name.
    public init(clientModel: String) {
        quotedModel = JSONText.quoted(clientModel)
    }

    /// Takes the next part of the stream; returns the events that it completes, and the fault that stopped the relay, if
    /// one did. The bytes end with the end of an event.
    public mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        guard fault == nil, !isDone else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        var source = blocks.join(part)
        var edited: ByteBuffer?
        let end = source.withBytes { bytes in
            var splice = ByteSplice()
            let end = relayBlocks(of: bytes, &splice)
            edited = splice.finish(bytes, upTo: end)
            return end
        }
        if fault == nil, !isDone, !blocks.keep(source, from: end) { fault = .eventTooLarge }
        let sent = end == 0 ? ByteBuffer() : edited ?? source.readSlice(length: end)
        return RelayOutput(bytes: sent ?? ByteBuffer(), fault: fault)
    }

    /// Says that the upstream's body has ended.
    public mutating func finish() -> StreamEnding {
        fault == nil && isComplete ? .complete(ByteBuffer()) : .truncated
    }

    /// Returns how far the stream can be sent on.
    private mutating func relayBlocks(of bytes: Bytes, _ splice: inout ByteSplice) -> Int {
        var end = 0
        while !isDone, fault == nil, let block = blocks.framing.next(bytes, from: end) {
            do throws(RelayFault) {
                // What tells of a failure goes out only behind something that has gone out before it.
                guard try relay(block, bytes, &splice) else { return end }
            } catch {
                fault = error
                return end
            }
            isFirstBlock = false
            end = block.range.upperBound
        }
        return end
    }

    /// False for an event that is not to be sent on.
    private mutating func relay(
        _ block: SSEFraming.Block, _ bytes: Bytes, _ splice: inout ByteSplice
    ) throws(RelayFault) -> Bool {
        let fields = SSEFields(block, of: bytes, isFirst: isFirstBlock)
        guard let data = fields.data else { return true }
        guard !fields.hasMoreData else {
            // Nobody writes an event's JSON over several lines: it is judged, and goes out as it is.
            let joined = SSEFields.joinedData(block, of: bytes, isFirst: isFirstBlock)
            let outcome = joined.withBytes { payload -> Result<Bool, RelayFault> in
                do throws(RelayFault) {
                    return .success(try note(try ResponsesEvent(payload), payload))
                } catch {
                    return .failure(error)
                }
            }
            return try outcome.get()
        }
        let payload = bytes.part(data)
        // Some servers end their streams as those of chat end; at it the SDKs stop, and would take a cut response for whole.
        if payload.count == 6, payload.has("[DONE]", at: 0..<6) {
            isDone = true
            return false
        }
        let event = try ResponsesEvent(payload)
        guard try note(event, payload) else { return false }
        if let span = event.model {
            quotedModel.withBytes { model in
                guard !payload.has(model, at: span) else { return }
                splice.cut(data.lowerBound + span.lowerBound..<data.lowerBound + span.upperBound, of: bytes)
                splice.append(model)
            }
        }
        return true
    }

    /// Takes from an event what it tells. False if it is not to be sent on.
    private mutating func note(_ event: ResponsesEvent, _ payload: Bytes) throws(RelayFault) -> Bool {
        if let number = event.sequenceNumber { nextSequenceNumber = number + 1 }
        if responseID == nil, let span = event.id { responseID = JSONText.text(payload.part(span)) }
        if let span = event.usage { usage = TokenUsage(responses: payload.part(span)) ?? usage }
        switch event.kind {
        case .announcement: break
        case .other: hasContent = true
        case .completed:
            (hasContent, isComplete, isDone) = (true, true, true)
        case .failed:
            fault = .upstreamReportedError(
                message: event.error.flatMap { UpstreamErrorMessage.find(inError: payload.part($0)) })
            return hasContent
        case .error: throw .upstreamReportedError(message: UpstreamErrorMessage.find(in: payload))
        }
        return true
    }
}
