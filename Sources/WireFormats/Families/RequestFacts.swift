public import GatewayCore

/// What the gateway decides by, and where it stands in the body; every family's requests have it.
public struct RequestFacts: Sendable, Equatable {
    /// Of the ids of responses, in bytes: far above what providers give.
    public static let maxResponseIDBytes = 512

    /// The requested model, escapes resolved. Never empty.
    public let model: String
    /// Whether the answer is to be a stream.
    public let stream: Bool
    /// What a route must be able to do to serve this request.
    public let required: CapabilitySet
    /// The first field that refers to something that the provider keeps, and so to what another caller may have put there; nil if
    /// none does. `previousResponseID` is not among them.
    public let stateField: String?
    /// The kept response that this request continues; nil if it starts a conversation.
    public let previousResponseID: String?
    /// Whether the caller wants the response to be kept.
    public let wantsStore: Bool

    /// The value of `model` with its quotes, in bytes from the first readable one.
    let modelSpan: Range<Int>

    /// What gives the model its upstream name: nothing if it has it.
    func modelEdits(_ upstreamModel: String) -> [BodyEdit] {
        upstreamModel == model ? [] : [BodyEdit(modelSpan, .quoted(upstreamModel))]
    }
}
