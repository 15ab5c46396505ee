package import GatewayCore
package import NIOCore

/// `POST /v1/chat/completions` (https://platform.openai.com/docs/api-reference/chat).
package struct ChatFamily: APIFamily {
    /// The place of `stream_options.include_usage`, or the place to insert it.
    enum UsageOption: Equatable {
        /// Without `stream_options`; a member can be added at this offset, after another one.
        case missing(at: Int)
        /// `stream_options` is null.
        case null(Range<Int>)
        /// `stream_options` lacks it; it can be inserted first, at this offset.
        case unset(at: Int, isOnlyMember: Bool)
        /// It has a value: `true` or `false`.
        case set(Range<Int>)
    }

    let usageOption: UsageOption
    /// Whether the caller requested the usage of a stream (`stream_options.include_usage`).
    package let wantsUsage: Bool

    package static let operation = APIOperation.chat
    package static let path = "/chat/completions"
    package static let requestHeaders = HeaderList.chatRequest
    package static let keepAlive = StaticString.commentLine
    package static let usageNames = UsageNames(
        input: "prompt_tokens", output: "completion_tokens", inputDetails: "prompt_tokens_details",
        outputDetails: "completion_tokens_details")

    package static func scan(_ body: ByteBuffer) throws(GatewayError) -> APIRequest {
        try ChatRequestScan.scan(body)
    }

    package static func errorBody(_ error: GatewayError, requestID: String) -> ByteBuffer {
        OpenAIErrorEnvelope(error, requestID: requestID).bytes
    }

    package static func errorEvent(_ error: GatewayError, requestID: String, sequenceNumber: Int64) -> ByteBuffer {
        OpenAIErrorEnvelope(error, requestID: requestID).event
    }

    package func makeRelay(for facts: RequestFacts) -> any AnswerRelay {
        guard facts.stream else {
            // OpenRouter's choices have an `error` (https://openrouter.ai/docs/api-reference/overview).
            let shape = JSONResponseShape(
                resultKey: "choices", usageNames: Self.usageNames,
                partialErrors: .init(array: "choices", member: "error"))
            return JSONResponseRelay(shape, clientModel: facts.model)
        }
        return StreamRelay(ChatStreamReader(clientWantsUsage: wantsUsage), clientModel: facts.model)
    }
}
