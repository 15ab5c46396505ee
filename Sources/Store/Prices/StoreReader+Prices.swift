import Database
import Foundation
import GatewayCore

extension StoreReader {
    /// The prices in effect, by provider and model.
    public func prices() throws -> [PriceRecord] {
        try connection.query(
            """
            SELECT id, pricing_provider_id, upstream_model, rates, provenance, effective_from FROM model_pricing
            WHERE effective_until IS NULL ORDER BY pricing_provider_id, upstream_model
            """
        ).map { row in
            PriceRecord(
                id: try row.text("id"),
                price: ListedPrice(
                    provider: try row.text("pricing_provider_id"), model: try row.text("upstream_model"),
                    rates: try Self.rates(try row.text("rates")), provenance: try row.text("provenance")),
                effectiveFrom: try row.int64("effective_from"))
        }
    }

    private static func rates(_ text: String) throws -> RateCard {
        do {
            return try JSONDecoder().decode(RateCard.self, from: Data(text.utf8))
        } catch {
            throw DatabaseError.unexpectedValue(column: "rates", reason: "\(error)")
        }
    }
}
