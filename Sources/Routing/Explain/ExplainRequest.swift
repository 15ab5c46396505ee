public import GatewayCore

/// A request as far as decisions about it depend on it.
public struct ExplainRequest: Sendable {
    /// Whose key it comes with; its secret counts as right.
    public let key: KeyRecord
    /// What the caller sends as `model`.
    public let model: String
    /// What a route must be able to do.
    public let required: CapabilitySet

    /// A request to be explained.
    public init(key: KeyRecord, model: String, required: CapabilitySet) {
        self.key = key
        self.model = model
        self.required = required
    }
}
