public import GatewayCore

/// A request to explain.
public struct ExplainRequest: Sendable {
    /// The key of the request; its secret counts as correct.
    public let key: KeyRecord
    public let request: ModelRequest
    /// The stored response with the id `request.previousResponseID`; nil if there is none.
    public let previous: StoredResponse?

    public init(key: KeyRecord, request: ModelRequest, previous: StoredResponse? = nil) {
        self.key = key
        self.request = request
        self.previous = previous
    }
}
