public import Store

extension SpendService {
    /// The most rows that a comparison takes into memory.
    public static let maxRows = 5_000_000

    /// The ledger's billed rows of a time, read day by day, so that no statement takes long.
    /// - Throws: `SpendReportError.tooManyRows`, `StoreError`.
    public func ledgerRows(in range: Range<Int64>, provider: String?) async throws -> [LedgerRow] {
        var rows: [LedgerRow] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let part = start..<min(start + 86_400_000_000, range.upperBound)
            rows += try await store.read { try $0.ledgerRows(in: part, provider: provider) }
            guard rows.count <= Self.maxRows else { throw SpendReportError.tooManyRows(max: Self.maxRows) }
            start = part.upperBound
        }
        return rows
    }

    /// The provider and model under which the price list has a price that was applied, by `LedgerRow.pricingID`.
    /// - Throws: `StoreError`.
    public func pricedModels() async throws -> [String: (provider: String, model: String)] {
        try await store.read { try $0.pricedModels() }
    }
}
