public import GatewayCore
public import Store

/// The store of key records, for lookups that the cache cannot answer and for recording when keys are used.
public protocol KeySource: Sendable {
    /// The record with the public id; nil if no key has it.
    /// - Throws: if the source is unreachable; the key is then neither valid nor invalid.
    func find(publicID: String) async throws -> KeyRecord?
    /// Records when keys were last used, in microseconds since 1970 UTC. A time never moves backwards.
    func touch(_ lastUsed: [String: Int64]) async throws
    /// Counters that rise with every change of cached data.
    func changeVersion() async throws -> ChangeVersion
}
