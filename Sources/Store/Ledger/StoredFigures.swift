import Database
import Foundation
import GatewayCore

/// What a row of the ledger says that a better figure may replace.
struct StoredFigures {
    let id: LedgerEntry.ID
    /// Where its sums stand, without a label.
    let group: SumGroup
    /// In the order of `TokenClass.allCases`.
    let classes: [Int64]
    let cost: Int64
    let pricingStatus: String
    let unpricedReason: String?
    let usageSource: String?
    let session: String?
    let endReason: String
    let endedAt: Int64?
    let rates: String?
    let provenance: String?
    let settledAt: Int64

    var rank: SettlementRank {
        SettlementRank(
            source: usageSource.flatMap { UsageSource(rawValue: $0) }, endedAt: endedAt,
            cost: Money(nanodollars: cost))
    }

    /// The rows of requests, locked until the transaction ends.
    static func find(_ requestIDs: [String], on connection: any Connection) throws -> [LedgerEntry.ID: StoredFigures] {
        let list = String(decoding: try JSONEncoder().encode(requestIDs), as: UTF8.self)
        let rows = try connection.query(
            """
            SELECT * FROM ledger WHERE request_id IN (\(connection.dialect.elements(of: "$1")))
            ORDER BY request_id, attempt \(connection.dialect.forUpdate)
            """, [.text(list)])
        return try rows.reduce(into: [:]) { found, row in
            let stored = try StoredFigures(row)
            found[stored.id] = stored
        }
    }

    private init(_ row: Row) throws {
        id = LedgerEntry.ID(requestID: try row.text("request_id"), attempt: Int(try row.int64("attempt")))
        group = SumGroup(
            start: SumGroup.hour(of: try row.int64("admitted_at")), keyID: try row.text("api_key_id"),
            userID: try row.optionalText("user_id") ?? "", teamID: try row.optionalText("team_id") ?? "",
            serviceAccountID: try row.optionalText("service_account_id") ?? "", model: try row.text("resolved_model"),
            provider: try row.text("provider_id"))
        classes = try LedgerColumns.classes.map { try row.int64($0) }
        cost = try row.int64("cost")
        pricingStatus = try row.text("pricing_status")
        unpricedReason = try row.optionalText("unpriced_reason")
        usageSource = try row.optionalText("usage_source")
        session = try row.optionalText("session")
        endReason = try row.text("end_reason")
        endedAt = try row.optionalInt64("ended_at")
        rates = try row.optionalText("rates")
        provenance = try row.optionalText("provenance")
        settledAt = try row.int64("settled_at")
    }

    func addToHistory(on connection: any Connection) throws {
        let history = History(
            classes: Dictionary(uniqueKeysWithValues: zip(LedgerColumns.classes, classes)),
            pricingStatus: pricingStatus, unpricedReason: unpricedReason, rates: rates, provenance: provenance,
            endReason: endReason, endedAt: endedAt)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try connection.execute(
            """
            INSERT INTO ledger_history (request_id, attempt, usage_source, figures, cost, settled_at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
            """,
            [
                .text(id.requestID), .int64(Int64(id.attempt)),
                .text(usageSource ?? PricingStatus.notBilled.name),
                .text(String(decoding: try encoder.encode(history), as: UTF8.self)), .int64(cost),
                .int64(settledAt),
            ])
    }
}

/// The figures of a row, as the history keeps them.
private struct History: Encodable {
    let classes: [String: Int64]
    let pricingStatus: String
    let unpricedReason: String?
    let rates: String?
    let provenance: String?
    let endReason: String
    let endedAt: Int64?

    enum CodingKeys: String, CodingKey {
        case classes, rates, provenance
        case pricingStatus = "pricing_status"
        case unpricedReason = "unpriced_reason"
        case endReason = "end_reason"
        case endedAt = "ended_at"
    }
}
