public import GatewayCore
public import Store

/// The store of who owns the responses that providers keep.
public protocol StoredResponseSource: Sendable {
    /// The response with this id; nil if none has it.
    /// - Throws: if the source is unreachable.
    func storedResponse(id: String) async throws -> StoredResponse?
    /// Records the owner of a response.
    /// - Returns: false if the id already has another owner, who stays the owner.
    func remember(_ response: StoredResponse) async throws -> Bool
}

extension StoredResponseStore: StoredResponseSource {
    public func storedResponse(id: String) async throws -> StoredResponse? {
        try await find(id: id)
    }

    public func remember(_ response: StoredResponse) async throws -> Bool {
        try await record(response)
    }
}
