package import GatewayCore
package import NIOCore

/// `POST /v1/embeddings` (https://platform.openai.com/docs/api-reference/embeddings/create): never a stream.
package struct EmbeddingsFamily: APIFamily {
    package static let operation = APIOperation.embeddings
    package static let path = "/embeddings"
    package static let keepAlive = StaticString.commentLine
    /// Embeddings have no output tokens, so a total without an input (Voyage AI) is the input.
    package static let usageNames = UsageNames(
        input: "prompt_tokens", output: "completion_tokens", inputDetails: "prompt_tokens_details",
        outputDetails: "completion_tokens_details", totalIsInput: true)

    package static func scan(_ body: ByteBuffer) throws(GatewayError) -> APIRequest {
        try EmbeddingsRequestScan.scan(body)
    }

    package static func errorBody(_ error: GatewayError, requestID: String) -> ByteBuffer {
        OpenAIErrorEnvelope(error, requestID: requestID).bytes
    }

    package static func errorEvent(_ error: GatewayError, requestID: String, sequenceNumber: Int64) -> ByteBuffer {
        OpenAIErrorEnvelope(error, requestID: requestID).event
    }

    package func body(
        _ body: ByteBuffer, of facts: RequestFacts, model: String, adjustments: RouteAdjustments
    ) -> [ByteBuffer] {
        guard adjustments.extraBody != nil else { return BodyEdit.apply(facts.modelEdits(model), to: body) }
        return JSONObjectDraft.rewritten(body, model: model, extra: adjustments.extraBody) { _ in }
    }

    package func makeRelay(for facts: RequestFacts) -> any AnswerRelay {
        JSONResponseRelay(
            JSONResponseShape(resultKey: "data", usageNames: Self.usageNames), clientModel: facts.model)
    }
}
