public import GatewayCore

/// What a request asks of a model, as far as decisions about it depend on it.
public struct ModelRequest: Sendable, Hashable {
    public let operation: APIOperation
    /// What the caller sends as `model`: a model's id, or a tag selector.
    public let model: String
    /// What a route must be able to do.
    public let required: CapabilitySet
    /// The first field that refers to state kept by the provider, `previous_response_id` aside; nil if none does.
    public let stateField: String?
    /// The stored response that the request continues; nil if it starts a conversation.
    public let previousResponseID: String?

    public init(
        operation: APIOperation, model: String, required: CapabilitySet, stateField: String? = nil,
        previousResponseID: String? = nil
    ) {
        self.operation = operation
        self.model = model
        self.required = required
        self.stateField = stateField
        self.previousResponseID = previousResponseID
    }
}
