public import Accounting
public import GatewayCore
public import Store

/// The ledger in the database, for the journal.
public struct StoredLedger: LedgerWriter {
    private let ledger: LedgerStore

    public init(_ store: GatewayStore) {
        ledger = store.ledger
    }

    public func apply(_ entries: [LedgerEntry]) async throws {
        try await ledger.apply(entries)
    }
}
