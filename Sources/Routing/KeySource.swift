public import GatewayCore
public import Store

/// Where key records come from when they are not cached, and where their use is noted.
public protocol KeySource: Sendable {
    /// The record of a public id; nil if there is none.
    /// - Throws: if the source cannot be reached; the key is then neither good nor bad.
    func find(publicID: String) async throws -> KeyRecord?
    /// Notes when keys were last used, in microseconds since 1970 UTC. Moves only forward.
    func touch(_ lastUsed: [String: Int64]) async throws
    /// Numbers that rise with every change of what is cached.
    func changeVersion() async throws -> ChangeVersion
}
