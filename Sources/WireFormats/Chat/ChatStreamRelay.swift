public import GatewayCore
public import NIOCore

/// How a chat stream ended.
public enum StreamEnding: Sendable, Equatable {
    /// Every choice was finished. The bytes are the `[DONE]` that the upstream left out, or empty.
    case complete(ByteBuffer)
    /// A choice was left without its `finish_reason`, or nothing came at all.
    case truncated
}

/// Relays a streamed chat answer as it comes, in parts of any size: whole events go out at once and as they are, but for
/// what a caller of this gateway can rely on (data-plane.md, Streaming).
public struct ChatStreamRelay: Sendable {
    /// The last usage that the upstream reported.
    public private(set) var usage: TokenUsage?

    /// Whether content has come: any content, reasoning, refusal, tool or audio delta, or a finish reason.
    public private(set) var hasContent = false

    /// Whether every choice that was seen has a `finish_reason`, and there was one.
    public var isComplete: Bool { choices.isComplete }

    /// Whether the upstream's `[DONE]` has come: nothing that follows it counts.
    public private(set) var isDone = false

    private let quotedModel: [UInt8]
    private let clientWantsUsage: Bool
    private var blocks = SSEBlockBuffer(limit: SSEParser.defaultLimit)
    private var isFirstBlock = true
    private var choices = ChoiceLedger()
    private var fault: RelayFault?
    /// Kept for its capacity only.
    private var edits: [ChatChunk.Edit] = []

    /// A relay that tells the caller `clientModel` as the model's name, and keeps the usage chunk from a caller who did
    /// not ask for it.
    public init(clientModel: String, clientWantsUsage: Bool) {
        quotedModel = JSONText.quoted(clientModel)
        self.clientWantsUsage = clientWantsUsage
    }

    /// Takes the next part of the stream; returns the events that it completes, and the fault that stopped the relay, if
    /// one did. The bytes end with the end of an event, so a comment may be sent after them.
    public mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        guard fault == nil, !isDone else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        var source = blocks.join(part)
        var edited: ByteBuffer?
        let end = source.withBytes { bytes in
            var splice = ByteSplice()
            let end = quotedModel.withBytes { relayBlocks(of: bytes, $0, &splice) }
            edited = splice.finish(bytes, upTo: end)
            return end
        }
        if fault == nil, !isDone, !blocks.keep(source, from: end) { fault = .eventTooLarge }
        // An empty slice would share the open event's bytes, and make its growth a copy each time.
        let sent = end == 0 ? ByteBuffer() : edited ?? source.readSlice(length: end)
        return RelayOutput(bytes: sent ?? ByteBuffer(), fault: fault)
    }

    /// Says that the upstream's body has ended. An event that has not ended is dropped, as the standard says.
    public mutating func finish() -> StreamEnding {
        guard fault == nil, isComplete else { return .truncated }
        return .complete(isDone ? ByteBuffer() : ByteBuffer(string: "data: [DONE]\n\n"))
    }

    /// Returns how far the stream can be sent on.
    private mutating func relayBlocks(
        of bytes: Bytes, _ quotedModel: Bytes, _ splice: inout ByteSplice
    ) -> Int {
        var end = 0
        while !isDone, let block = blocks.framing.next(bytes, from: end) {
            do throws(RelayFault) {
                try relay(block, bytes, quotedModel, &splice)
            } catch {
                fault = error
                return end
            }
            if isDone, !isComplete { return end }
            isFirstBlock = false
            end = block.range.upperBound
        }
        return end
    }

    private mutating func relay(
        _ block: SSEFraming.Block, _ bytes: Bytes, _ quotedModel: Bytes,
        _ splice: inout ByteSplice
    ) throws(RelayFault) {
        let fields = SSEFields(block, of: bytes, isFirst: isFirstBlock)
        guard let data = fields.data else { return }
        guard !fields.hasMoreData else {
            let joined = SSEFields.joinedData(block, of: bytes, isFirst: isFirstBlock)
            let fault = joined.withBytes { payload -> RelayFault? in
                do throws(RelayFault) {
                    let chunk = try read(payload, named: fields.name.map(bytes.part), quotedModel)
                    if isDropped(chunk) {
                        splice.cut(block.range, of: bytes)
                    } else if !edits.isEmpty {
                        rewrite(block, of: bytes, payload: payload, quotedModel, &splice)
                    }
                    return nil
                } catch {
                    return error
                }
            }
            if let fault { throw fault }
            return
        }
        let payload = bytes.part(data)
        if payload.count == 6, payload.has("[DONE]", at: 0..<6) { return isDone = true }
        let chunk = try read(payload, named: fields.name.map(bytes.part), quotedModel)
        guard !isDropped(chunk) else { return splice.cut(block.range, of: bytes) }
        for edit in edits {
            splice.cut(data.lowerBound + edit.range.lowerBound..<data.lowerBound + edit.range.upperBound, of: bytes)
            Self.append(edit, payload, quotedModel, &splice)
        }
    }

    private func isDropped(_ chunk: ChatChunk?) -> Bool {
        !clientWantsUsage && chunk?.isUsageOnly == true
    }

    /// Reads an event's data, and notes what it tells. Nil for an event of a kind that is not known here, and whose data
    /// is not a chunk: it is none of the gateway's business.
    private mutating func read(
        _ payload: Bytes, named name: Bytes?, _ quotedModel: Bytes
    ) throws(RelayFault) -> ChatChunk? {
        let isKnown = name.map { $0.isEmpty || $0.has("message", at: 0..<$0.count) } ?? true
        if let name, name.has("error", at: 0..<name.count) {
            throw .upstreamReportedError(message: UpstreamErrorMessage.find(in: payload))
        }
        edits.removeAll(keepingCapacity: true)
        let chunk: ChatChunk
        do throws(RelayFault) {
            chunk = try ChatChunk(payload, quotedModel: quotedModel, choices: &choices, edits: &edits)
        } catch {
            edits.removeAll(keepingCapacity: true)
            if isKnown { throw error }
            return nil
        }
        if let error = chunk.error {
            throw .upstreamReportedError(message: UpstreamErrorMessage.find(inError: payload.part(error)))
        }
        if chunk.isOfAnotherFamily {
            throw .malformed("an event has a type and no choices: it is of another family")
        }
        if let span = chunk.usage, let reported = TokenUsage(openAI: payload.part(span)) { usage = reported }
        if chunk.hasContent { hasContent = true }
        return chunk
    }

    // MARK: Rewriting

    private static func append(
        _ edit: ChatChunk.Edit, _ payload: Bytes, _ quotedModel: Bytes,
        _ splice: inout ByteSplice
    ) {
        splice.append(edit.text)
        switch edit.tail {
        case .nothing: break
        case .model: splice.append(quotedModel)
        case .copy(let range): splice.append(payload.part(range))
        }
    }

    /// Data in several lines that has to change: the other lines stay as they are, the data follows them.
    private func rewrite(
        _ block: SSEFraming.Block, of bytes: Bytes, payload: Bytes,
        _ quotedModel: Bytes, _ splice: inout ByteSplice
    ) {
        var inner = ByteSplice()
        for edit in edits {
            inner.cut(edit.range, of: payload)
            Self.append(edit, payload, quotedModel, &inner)
        }
        guard let changed = inner.finish(payload, upTo: payload.count) else { return }
        splice.cut(block.range, of: bytes)
        SSEFields.forEachLine(in: block.range, of: bytes) { line in
            guard !line.isEmpty, SSEFields.value(of: "data", line, bytes) == nil else { return }
            splice.append(bytes.part(line))
            splice.append("\n")
        }
        changed.withBytes { data in
            SSEFields.forEachLine(in: 0..<data.count, of: data) { line in
                splice.append("data: ")
                splice.append(data.part(line))
                splice.append("\n")
            }
        }
        splice.append("\n")
    }
}
