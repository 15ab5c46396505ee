public import GatewayCore

/// Where key records come from when they are not cached, and where their use is noted.
public protocol KeySource: Sendable {
    /// The record of a public id; nil if there is none.
    /// - Throws: if the source cannot be reached; the key is then neither good nor bad.
    func find(publicID: String) async throws -> KeyRecord?
    /// Notes when keys were last used, in microseconds since 1970 UTC. Moves only forward.
    func touch(_ lastUsed: [String: Int64]) async throws
    /// A number that rises with every change of a key.
    func changeVersion() async throws -> Int64
}
