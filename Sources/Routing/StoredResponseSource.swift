public import GatewayCore
public import Store

/// Where it is kept whose a provider's response is.
public protocol StoredResponseSource: Sendable {
    /// The response with this id; nil if nobody's is known.
    /// - Throws: if the source cannot be reached.
    func storedResponse(id: String) async throws -> StoredResponse?
    /// Writes whose a response is.
    /// - Returns: false if the id is somebody else's already, who stays its owner.
    func remember(_ response: StoredResponse) async throws -> Bool
}

extension GatewayStore: StoredResponseSource {}
