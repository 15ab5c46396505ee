public import GatewayCore

/// The facts of a request to a model that decisions depend on.
public struct ModelRequest: Sendable, Hashable {
    public let operation: APIOperation
    /// The caller's `model`: a model's id, or a tag selector.
    public let model: String
    /// The capabilities that a route needs.
    public let required: CapabilitySet
    /// The first field that refers to state stored by the provider, `previous_response_id` aside; nil if none does.
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
