package import GatewayCore
package import NIOCore

/// Relays a streamed answer as it comes, in parts of any size: complete events go out at once, and as they are unless
/// the reader changes or replaces them (docs/api.md, Streams).
package struct StreamRelay<Reader: StreamReader>: AnswerRelay {
    /// An event may be as large as a request. The last event of a response repeats all of its images.
    private static var maxEventBytes: Int { 32 * 1024 * 1024 }
    /// In one event: far above what any has, and little enough not to make much of it.
    private static var maxEdits: Int { 1024 }

    package var usage: TokenUsage? { reader.usage }
    package var responseID: String? { reader.responseID }
    package var isComplete: Bool { reader.isComplete }
    package var outputBytes: Int64 { reader.outputBytes }
    package var hasContent: Bool { reader.hasContent }
    package var lacksRequestedUsage: Bool { reader.lacksRequestedUsage && !hasEnded }
    package var isDone: Bool { hasEnded || reader.failure != nil }

    private var reader: Reader
    /// The last event has come: nothing that follows it counts.
    private var hasEnded = false
    private let quotedModel: [UInt8]
    private var blocks = SSEBlockBuffer(limit: Self.maxEventBytes)
    private var isFirstBlock = true
    private var opening = StreamOpening()
    /// The stream has had an `id` or a `retry`.
    private var hasPosition = false
    private var fault: RelayError?
    /// Kept for its capacity only.
    private var edits: [EventEdit] = []

    /// A relay that tells the caller `clientModel` as the model's name.
    package init(_ reader: Reader, clientModel: String) {
        self.reader = reader
        quotedModel = JSONText.quoted(clientModel)
    }

    /// Takes the next part of the stream; returns the events that it completes, and the fault that stopped the relay,
    /// if one did. The bytes end with the end of an event, so a comment may be sent after them.
    package mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        guard fault == nil, !hasEnded else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        guard opening.isStream(part) else {
            fault = opening.fault
            return RelayOutput(bytes: ByteBuffer(), fault: fault)
        }
        var source = blocks.join(part)
        var edited: ByteBuffer?
        var failedAt: Int?
        let end = source.withBytes { bytes in
            var splice = ByteSplice()
            let end = quotedModel.withBytes { relayBlocks(of: bytes, $0, &splice, &failedAt) }
            edited = splice.finish(bytes, upTo: end)
            return end
        }
        if fault == nil, !hasEnded, !blocks.keep(source, from: end) { fault = .eventTooLarge }
        // An empty slice would share the open event's bytes, and make its growth a copy each time.
        var sent = end == 0 ? ByteBuffer() : edited ?? source.readSlice(length: end) ?? ByteBuffer()
        let bytes = failedAt.flatMap { sent.readSlice(length: $0) } ?? sent
        return RelayOutput(
            bytes: bytes, failedEvent: failedAt == nil ? nil : sent,
            failedText: failedAt == nil ? nil : reader.failedText, errorTexts: reader.takeErrorTexts(), fault: fault)
    }

    /// Says that the upstream's body has ended; returns what is still to be sent. An event that has not ended is
    /// dropped, as the standard says.
    package mutating func finish() -> RelayOutput {
        if fault == nil, !reader.isComplete { fault = opening.document ?? reader.failure ?? .truncated }
        guard fault == nil, !hasEnded else { return RelayOutput(bytes: ByteBuffer(), fault: fault) }
        hasEnded = true
        return RelayOutput(bytes: reader.closingEvents)
    }

    package func lastEvent(_ error: GatewayError, requestID: String) -> ByteBuffer? {
        reader.errorEvent(error, requestID: requestID)
    }

    /// Returns how far the stream can be sent on; `failedAt` is where in what is sent the event begins that tells of a
    /// failure.
    private mutating func relayBlocks(
        of bytes: Bytes, _ model: Bytes, _ splice: inout ByteSplice, _ failedAt: inout Int?
    ) -> Int {
        var end = 0
        while !hasEnded, fault == nil, let block = blocks.framing.next(bytes, from: end) {
            let place = splice.count(upTo: end)
            let disposition: EventDisposition
            do throws(RelayError) {
                disposition = try relay(block, bytes, model, &splice)
            } catch {
                fault = error
                return end
            }
            isFirstBlock = false
            switch disposition {
            case .forward: break
            case .drop: splice.cut(block.range, of: bytes)
            case .replace(let events): splice.replace(block.range, of: bytes, with: events)
            case .forwardAndFinish: hasEnded = true
            case .replaceAndFinish(let events):
                splice.replace(block.range, of: bytes, with: events)
                hasEnded = true
            case .finish:
                hasEnded = true
                return end
            case .fail(let reason):
                fault = reason
                failedAt = place
            }
            end = block.range.upperBound
        }
        return end
    }

    private mutating func relay(
        _ block: SSEFraming.Block, _ bytes: Bytes, _ model: Bytes, _ splice: inout ByteSplice
    ) throws(RelayError) -> EventDisposition {
        let fields = SSEFields(block, of: bytes, isFirst: isFirstBlock)
        if fields.hasPosition { hasPosition = true }
        guard let data = fields.data else {
            // Without data it is no event by the standard, but SDKs make one of it, and parse its data.
            if fields.name != nil { return .drop }
            return hasPosition ? .replace(SSEFields.linesAlone(block, of: bytes)) : .forward
        }
        guard !fields.hasMoreData else { return try relayLines(of: block, bytes, fields, model, &splice) }
        let disposition = try read(bytes.part(data), fields.name.map(bytes.part), model)
        for edit in edits { splice.apply(edit, to: data, of: bytes, model: model) }
        return disposition
    }

    /// An event whose data is in several lines, a form that upstreams do not send.
    private mutating func relayLines(
        of block: SSEFraming.Block, _ bytes: Bytes, _ fields: SSEFields, _ model: Bytes, _ splice: inout ByteSplice
    ) throws(RelayError) -> EventDisposition {
        let joined = SSEFields.joinedData(block, of: bytes, isFirst: isFirstBlock)
        let outcome = joined.withBytes { data -> Result<EventDisposition, RelayError> in
            do throws(RelayError) {
                let disposition = try read(data, fields.name.map(bytes.part), model)
                if !edits.isEmpty {
                    splice.apply(
                        edits, to: block, of: bytes, isFirst: isFirstBlock, data: data, model: model)
                }
                return .success(disposition)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private mutating func read(_ data: Bytes, _ name: Bytes?, _ model: Bytes) throws(RelayError) -> EventDisposition {
        edits.removeAll(keepingCapacity: true)
        // A heartbeat of some servers, which SDKs would parse.
        if data.isBlank { return .drop }
        let disposition = try reader.read(data, named: name, model: model, edits: &edits)
        guard edits.count <= Self.maxEdits else {
            edits = []
            throw .malformed("an event would have to be changed in more than \(Self.maxEdits) places")
        }
        switch disposition {
        case .forward, .forwardAndFinish, .finish, .fail: break
        // The whole block is cut out instead.
        case .drop, .replace, .replaceAndFinish: edits.removeAll(keepingCapacity: true)
        }
        return disposition
    }
}
