public import GatewayCore
public import Store

extension GatewayStore: KeySource {
    public func find(publicID: String) async throws -> KeyRecord? {
        try await keys.find(publicID: publicID)
    }

    public func touch(_ lastUsed: [String: Int64]) async throws {
        try await keys.touch(lastUsed)
    }
}
