public import GatewayCore
public import NIOCore

/// What the gateway needs to know of the body of `POST /v1/responses`
/// (https://platform.openai.com/docs/api-reference/responses/create), and where it stands in the bytes.
public struct ResponsesRequest: Sendable, Equatable {
    /// Of the ids of responses, in bytes: far above what providers give.
    public static let maxIDBytes = 512

    /// The requested model, escapes resolved. Never empty.
    public let model: String
    /// Whether the answer is to be a stream.
    public let stream: Bool
    /// What a route must be able to do to serve this request.
    public let required: CapabilitySet
    /// The response that this one goes on from; nil if it begins anew.
    public let previousResponseID: String?
    /// The first other field that refers to something that the provider keeps; nil if none does.
    public let stateField: String?
    /// Whether the caller wants the response to be kept, which is the API's default.
    public let wantsStore: Bool

    /// The value of `model` with its quotes, in bytes from the first readable one.
    let modelSpan: Range<Int>
    /// The value of `store`, if it is there.
    let storeSpan: Range<Int>?
    /// Where a member can be added, after another one.
    let memberEnd: Int

    /// Reads a request body, once, from front to back; errors as `ChatRequest.scan`.
    ///
    /// Work in the background would go on, and cost, when nobody looks any more: `background: true` is refused here.
    public static func scan(_ body: ByteBuffer) throws(GatewayError) -> ResponsesRequest {
        let outcome = body.withBytes { bytes in
            do throws(GatewayError) {
                var scan = ResponsesRequestScan(bytes)
                return Result<ResponsesRequest, GatewayError>.success(try scan.run())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// The body for an upstream that knows the model as `model`; `body` must be the one that was scanned.
    ///
    /// All callers share a provider's credential, so what the provider stored could be asked for by others: `store` is sent as
    /// false, unless `storesResponses` says that the gateway keeps an account of whose is what.
    public func rewritten(_ body: ByteBuffer, model: String, storesResponses: Bool = false) -> [ByteBuffer] {
        var edits: [BodyEdit] = []
        if model != self.model { edits.append(BodyEdit(modelSpan, .quoted(model))) }
        if storesResponses {
            // As the caller wrote it.
        } else if let storeSpan {
            edits.append(BodyEdit(storeSpan, .fixed("false")))
        } else {
            edits.append(BodyEdit(memberEnd..<memberEnd, .fixed(#","store":false"#)))
        }
        return BodyEdit.apply(edits, to: body)
    }
}
