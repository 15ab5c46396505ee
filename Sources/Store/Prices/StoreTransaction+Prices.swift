import Database
import Foundation
import GatewayCore

extension StoreTransaction {
    /// Writes the prices of a price list: a new price begins now, and the one before it ends. What an older list says
    /// changes nothing, so that gateways of two releases do not take turns.
    /// - Returns: all prices in effect.
    public func putPrices(_ prices: [ListedPrice]) throws -> [PriceRecord] {
        let current = try reader.prices()
        let byModel = Dictionary(current.map { (Key($0.price), $0) }, uniquingKeysWith: { first, _ in first })
        let changed = prices.filter { new in
            guard let old = byModel[Key(new)]?.price else { return true }
            return old.rates != new.rates && old.date <= new.date
        }
        guard !changed.isEmpty else { return current }
        for price in changed { try put(price, replacing: byModel[Key(price)]) }
        try recordChange(
            "prices.update", subject: "model_pricing", before: nil, after: PriceAuditState(models: changed.count),
            concerns: .routing)
        return try reader.prices()
    }

    private func put(_ price: ListedPrice, replacing old: PriceRecord?) throws {
        // A price of less than a microsecond, which only a clock that was set back makes, never was.
        if let old {
            try connection.execute(
                """
                UPDATE model_pricing
                SET effective_until = CASE WHEN effective_from < $2 THEN $2 ELSE effective_from + 1 END WHERE id = $1
                """, [.text(old.id), .int64(now)])
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
                .int64(now),
            ])
    }
}

private struct Key: Hashable {
    let provider: String
    let model: String

    init(_ price: ListedPrice) {
        provider = price.provider
        model = price.model
    }
}

/// What the audit trail says of new prices: the rows themselves have the rest.
private struct PriceAuditState: Encodable {
    let models: Int
}
