public import GatewayCore

/// The facts by which the gateway decides, with their places in the body, for every family.
public struct RequestFacts: Sendable, Equatable {
    /// The maximum length of a response id in bytes: far above the ids of providers.
    public static let maxResponseIDBytes = 512

    /// The requested model, escapes resolved. Never empty.
    public let model: String
    /// Whether the request is for a stream.
    public let stream: Bool
    /// The capabilities that a route needs for this request.
    public let required: CapabilitySet
    /// The first field that refers to an object stored by the provider, which may belong to another caller; nil if no
    /// field does. `previousResponseID` is separate.
    public let stateField: String?
    /// The stored response that this request continues; nil if it starts a conversation.
    public let previousResponseID: String?
    /// Whether the caller wants the provider to store the response.
    public let wantsStore: Bool

    /// The fields by which the provider might choose another model; empty in most requests.
    public let routingFields: [RoutingField]

    /// What the request says about how much it may use.
    public let bounds: UsageBounds

    /// The range of the value of `model` with its quotes, in bytes from the first readable one.
    let modelSpan: Range<Int>

    /// The edit that replaces the model by its upstream name; nil if they are equal.
    func modelEdits(_ upstreamModel: String) -> [BodyEdit] {
        upstreamModel == model ? [] : [BodyEdit(modelSpan, .quoted(upstreamModel))]
    }
}
