import Database
public import GatewayCore

/// The ledger: one row for each attempt that reached a provider, or may have.
///
/// Throws as `GatewayStore` does.
public struct LedgerStore: Sendable {
    private let store: GatewayStore

    init(_ store: GatewayStore) {
        self.store = store
    }

    /// Writes entries in one durable transaction: when this returns they are on the disk, and when it throws none is
    /// stored, or, after `DatabaseError.outcomeUnknown`, all may be.
    ///
    /// It may be called again with the same entries, by several gateways, in any order: of all entries of an attempt
    /// the ledger keeps the one of the highest rank (`SettlementRank`), and the figures that it replaces go into
    /// `ledger_history`. A request's tags and an attempt's identity are those of its first entry. Figures that no
    /// engine can store are brought within bounds, so that no entry holds up the others.
    ///
    /// Batches of some hundred entries are quickest.
    public func apply(_ entries: [LedgerEntry]) async throws {
        guard !entries.isEmpty else { return }
        let entries = Self.best(of: entries)
        let now = store.now()
        try await store.write(WriteOptions(isolation: .readCommitted)) { connection in
            var application = LedgerApplication(on: connection, now: now)
            try application.run(entries)
        }
    }

    /// The best entry of each attempt, in one order everywhere: two gateways' batches so cannot deadlock on an engine
    /// with row locks.
    private static func best(of entries: [LedgerEntry]) -> [LedgerEntry] {
        var best: [LedgerEntry.ID: LedgerEntry] = [:]
        best.reserveCapacity(entries.count)
        for entry in entries.lazy.map(\.bounded) {
            if let other = best[entry.id], other.rank >= entry.rank { continue }
            best[entry.id] = entry
        }
        return best.values.sorted { ($0.id.requestID, $0.id.attempt) < ($1.id.requestID, $1.id.attempt) }
    }
}
