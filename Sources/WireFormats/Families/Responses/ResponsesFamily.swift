package import GatewayCore
package import NIOCore

/// `POST /v1/responses` (https://platform.openai.com/docs/api-reference/responses).
package struct ResponsesFamily: APIFamily {
    /// The place of `store`, or the place to insert it.
    enum StoreOption: Equatable {
        /// It can be added at this offset, after another member.
        case missing(at: Int)
        /// It has a value.
        case set(Range<Int>)
    }

    /// How `include` asks for the encrypted content of reasoning.
    enum IncludeOption: Equatable {
        /// It does, or need not.
        case present
        /// There is no `include`; it can be added at this offset, after another member.
        case missing(at: Int)
        case null(Range<Int>)
        /// It can be inserted first, at this offset.
        case list(start: Int, isEmpty: Bool)
    }

    /// Where the body changes.
    final class Places: Sendable {
        let store: StoreOption
        let include: IncludeOption
        /// Items that refer to reasoning, which is lost where nothing is stored, each with a comma.
        let dropped: [Range<Int>]

        init(store: StoreOption, include: IncludeOption, dropped: [Range<Int>]) {
            self.store = store
            self.include = include
            self.dropped = dropped
        }
    }

    private let places: Places

    init(_ places: Places) {
        self.places = places
    }

    package static let operation = APIOperation.responses
    package static let path = "/responses"
    package static let requestHeaders = HeaderList.responsesRequest
    package static let responseHeaders = HeaderList.responsesResponse
    package static let keepAlive = StaticString.commentLine
    package static let usageNames = UsageNames(
        input: "input_tokens", output: "output_tokens", inputDetails: "input_tokens_details",
        outputDetails: "output_tokens_details")

    package static func scan(_ body: ByteBuffer) throws(GatewayError) -> APIRequest {
        try ResponsesRequestScan.scan(body)
    }

    package static func errorBody(_ error: GatewayError, requestID: String) -> ByteBuffer {
        OpenAIErrorEnvelope(error, requestID: requestID).bytes
    }

    /// `event: error` with OpenAI's fields (`type`, `code`, `message`, `param`, `sequence_number`), and the `error`
    /// object for which the official SDKs raise.
    package static func errorEvent(_ error: GatewayError, requestID: String, sequenceNumber: Int64) -> ByteBuffer {
        let envelope = OpenAIErrorEnvelope(error, requestID: requestID).bytes
        var event = ByteBufferAllocator().buffer(capacity: 2 * envelope.readableBytes + 128)
        event.writeStaticString("event: error\ndata: {\"type\":\"error\",\"code\":")
        JSONText.append(error.wireCode, to: &event)
        event.writeStaticString(",\"message\":")
        JSONText.append(error.message, to: &event)
        event.writeStaticString(",\"param\":")
        JSONText.append(error.param, to: &event)
        event.writeStaticString(",\"sequence_number\":")
        event.writeString("\(sequenceNumber),")
        // The envelope without its opening brace.
        event.writeImmutableBuffer(
            envelope.getSlice(at: envelope.readerIndex + 1, length: envelope.readableBytes - 1) ?? envelope)
        event.writeStaticString("\n\n")
        return event
    }

    /// All callers share a provider's credential, so any caller could request what the provider stores: the gateway
    /// sends `store` as false, unless the route lets it record the owner of each response. Where nothing is stored,
    /// reasoning that an item refers to by its id alone is lost, so the item is left out; for the next turns the
    /// gateway asks for the reasoning's encrypted content.
    package func body(
        _ body: ByteBuffer, of facts: RequestFacts, model: String, adjustments: RouteAdjustments
    ) -> [ByteBuffer] {
        var edits = places.dropped.map { BodyEdit($0, .fixed("")) }
        if !adjustments.storesResponses, let edit = includeEdit { edits.append(edit) }
        guard adjustments.extraBody != nil else {
            edits += facts.modelEdits(model)
            if !adjustments.storesResponses { edits.append(storeEdit) }
            return BodyEdit.apply(edits, to: body)
        }
        var changed = body
        if !edits.isEmpty {
            changed = ByteBuffer()
            for part in BodyEdit.apply(edits, to: body) { changed.writeImmutableBuffer(part) }
        }
        return JSONObjectDraft.rewritten(changed, model: model, extra: adjustments.extraBody) { draft in
            if !adjustments.storesResponses { draft["store"] = Array("false".utf8) }
        }
    }

    private var storeEdit: BodyEdit {
        switch places.store {
        case .missing(let end): BodyEdit(end..<end, .fixed(#","store":false"#))
        case .set(let range): BodyEdit(range, .fixed("false"))
        }
    }

    private var includeEdit: BodyEdit? {
        switch places.include {
        case .present: nil
        case .missing(let end): BodyEdit(end..<end, .fixed(#","include":["reasoning.encrypted_content"]"#))
        case .null(let range): BodyEdit(range, .fixed(#"["reasoning.encrypted_content"]"#))
        case .list(let start, let isEmpty):
            BodyEdit(
                start..<start,
                .fixed(isEmpty ? #""reasoning.encrypted_content""# : #""reasoning.encrypted_content","#))
        }
    }

    package func makeRelay(for facts: RequestFacts) -> any AnswerRelay {
        guard facts.stream else {
            let shape = JSONResponseShape(
                resultKey: "output", usageNames: Self.usageNames, hasResponseID: true, failureHasResult: true)
            return JSONResponseRelay(shape, clientModel: facts.model)
        }
        return StreamRelay(ResponsesStreamReader(), clientModel: facts.model)
    }
}
