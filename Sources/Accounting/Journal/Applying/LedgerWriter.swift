public import GatewayCore

/// Writes entries into the ledger's table.
public protocol LedgerWriter: Sendable {
    /// Writes rows: durably, all or none, and idempotently by `LedgerEntry.id`, where a better `usageSource` replaces a
    /// worse one and never the other way. The journal removes its copy when this returns.
    /// - Throws: `LedgerRejection` if an entry is refused for what it is, so that trying it again fails likewise; then
    ///   the entries are tried one by one, and those that fail alone are set aside. Any other error is taken for an
    ///   outage: the same entries are tried until they succeed.
    func apply(_ entries: [LedgerEntry]) async throws
}

/// The database refuses an entry for what it is.
public struct LedgerRejection: Error, Sendable, Hashable {
    /// For the operator.
    public let reason: String

    public init(reason: String) {
        self.reason = reason
    }
}
