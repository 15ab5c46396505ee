import Database
import Foundation
import GatewayCore

extension StoreTransaction {
    /// Writes the prices of a price list that change something (`changes(from:)`): a new price begins now, and the one
    /// before it ends.
    /// - Parameter prices: one for each model.
    /// - Returns: all prices in effect.
    public func putPrices(_ prices: [ListedPrice]) throws -> [PriceRecord] {
        let current = try reader.prices()
        let changed = prices.changes(from: current)
        guard !changed.isEmpty else { return current }
        for price in changed {
            try put(
                price, replacing: current.first { $0.price.provider == price.provider && $0.price.model == price.model }
            )
        }
        try recordChange(
            "prices.update", subject: "model_pricing", before: nil, after: PriceAuditState(models: changed.count),
            concerns: .routing)
        return try reader.prices()
    }

    private func put(_ price: ListedPrice, replacing old: PriceRecord?) throws {
        // With a clock that was set back, a microsecond after the old price began: two prices are never in effect at
        // the same time.
        let start = max(now, old.map { $0.effectiveFrom + 1 } ?? now)
        if let old {
            try connection.execute(
                "UPDATE model_pricing SET effective_until = $2 WHERE id = $1", [.text(old.id), .int64(start)])
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let rates = String(decoding: try encoder.encode(price.rates), as: UTF8.self)
        try connection.execute(
            """
            INSERT INTO model_pricing
                (id, pricing_provider_id, upstream_model, rates, provenance, effective_from, effective_until)
            VALUES ($1, $2, $3, $4, $5, $6, NULL)
            """,
            [
                .text(newID()), .text(price.provider), .text(price.model), .text(rates), .text(price.provenance),
                .int64(start),
            ])
    }
}

/// What the audit trail says of new prices: the rows themselves have the rest.
private struct PriceAuditState: Encodable {
    let models: Int
}
