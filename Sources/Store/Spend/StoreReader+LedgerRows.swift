import Database
public import GatewayCore

/// A row of the ledger, as a comparison with a provider's bill needs it.
public struct LedgerRow: Sendable, Hashable {
    public let requestID: String
    /// When the request was admitted: microseconds since 1970 UTC.
    public let admittedAt: Int64
    public let upstreamModel: String
    public let classes: TokenClasses
    public let cost: Money
    public let usageSource: UsageSource?
    /// The row of `model_pricing` that was applied; nil for a price of the route's own, or none.
    public let pricingID: String?
}

extension StoreReader {
    /// The rows of attempts that were billed, by the time of their admission.
    /// - Parameter provider: nil for all.
    public func ledgerRows(in range: Range<Int64>, provider: String?) throws -> [LedgerRow] {
        let rows = try connection.query(
            """
            SELECT request_id, admitted_at, upstream_model, \(LedgerColumns.classes.joined(separator: ", ")), cost, usage_source,
                pricing_id
            FROM ledger WHERE admitted_at >= $1 AND admitted_at < $2 AND ($3 = '' OR provider_id = $3)
                AND pricing_status <> 'not_billed'
            ORDER BY admitted_at
            """, [.int64(range.lowerBound), .int64(range.upperBound), .text(provider ?? "")])
        return try rows.map { row in
            LedgerRow(
                requestID: try row.text("request_id"), admittedAt: try row.int64("admitted_at"),
                upstreamModel: try row.text("upstream_model"),
                classes: TokenClasses(
                    inputUncached: try row.int64("input_uncached"),
                    inputCacheRead: try row.int64("input_cache_read"),
                    inputCacheWrite: try row.int64("input_cache_write"), inputAudio: try row.int64("input_audio"),
                    outputText: try row.int64("output_text"), outputReasoning: try row.int64("output_reasoning"),
                    outputAudio: try row.int64("output_audio")),
                cost: Money(nanodollars: try row.int64("cost")),
                usageSource: try row.optionalText("usage_source").flatMap { UsageSource(rawValue: $0) },
                pricingID: try row.optionalText("pricing_id"))
        }
    }

    /// What the price list calls the models of the rows of `model_pricing`, by the rows' ids.
    public func pricedModels() throws -> [String: (provider: String, model: String)] {
        try connection.query("SELECT id, pricing_provider_id, upstream_model FROM model_pricing").reduce(into: [:]) {
            $0[try $1.text("id")] = (try $1.text("pricing_provider_id"), try $1.text("upstream_model"))
        }
    }
}
