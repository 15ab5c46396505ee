import Database
import Foundation
import GatewayCore

/// The writing of entries within one transaction.
struct LedgerApplication {
    private static let rows = RowsStatement(
        into: "ledger", LedgerColumns.all,
        suffix: "ON CONFLICT (request_id, attempt) DO NOTHING RETURNING request_id, attempt")
    private static let tags = RowsStatement(
        into: "ledger_tags", ["request_id", "key", "value"], suffix: "ON CONFLICT (request_id, key) DO NOTHING")

    private let connection: any Connection
    private let now: Int64
    private var sums = LedgerSums()

    init(on connection: any Connection, now: Int64) {
        self.connection = connection
        self.now = now
    }

    /// - Parameter entries: one for each attempt, in order.
    mutating func run(_ entries: [LedgerEntry]) throws {
        var known: [LedgerEntry] = []
        var new: [LedgerEntry] = []
        try Self.rows.forEach(of: entries) { sql, chunk in
            let inserted = try connection.query(sql, chunk.flatMap { LedgerColumns.values(of: $0, settledAt: now) })
            guard inserted.count < chunk.count else { return new += chunk }
            let ids = Set(
                try inserted.map { row in
                    LedgerEntry.ID(requestID: try row.text("request_id"), attempt: Int(try row.int64("attempt")))
                })
            for entry in chunk {
                if ids.contains(entry.id) { new.append(entry) } else { known.append(entry) }
            }
        }
        try writeTags(of: new)
        for entry in new { sums.add(entry) }
        try replace(by: known)
        try sums.write(on: connection)
    }

    private func writeTags(of entries: [LedgerEntry]) throws {
        let tags = entries.flatMap { entry in entry.tags.map { (entry.id.requestID, $0) } }
        try Self.tags.forEach(of: tags) { sql, chunk in
            try connection.execute(
                sql,
                chunk.flatMap { id, tag in
                    [LedgerColumns.text(id), LedgerColumns.text(tag.key), LedgerColumns.text(tag.value)]
                })
        }
    }

    /// Replaces the figures of rows that are there already, where the new ones are better.
    private mutating func replace(by entries: [LedgerEntry]) throws {
        guard !entries.isEmpty else { return }
        let ids = Set(entries.map(\.id.requestID)).sorted()
        let stored = try StoredFigures.find(ids, on: connection)
        for entry in entries {
            guard let old = stored[entry.id], old.rank < entry.rank else { continue }
            try old.addToHistory(on: connection)
            try update(entry)
            let tags = try tags(of: entry.id.requestID)
            sums.remove(old, tags: tags)
            sums.add(entry, replacing: old, tags: tags)
        }
    }

    private func update(_ entry: LedgerEntry) throws {
        try connection.execute(
            """
            UPDATE ledger SET input_uncached = $3, input_cache_read = $4, input_cache_write = $5, input_audio = $6,
                output_text = $7, output_reasoning = $8, output_audio = $9, pricing_status = $10, unpriced_reason = $11,
                pricing_id = $12, rates = $13, provenance = $14, hold = $15, cost = $16, end_reason = $17,
                usage_source = $18, ended_at = $19, settled_at = $20
            WHERE request_id = $1 AND attempt = $2
            """,
            [.text(entry.id.requestID), .int64(Int64(entry.id.attempt))]
                + TokenClass.allCases.map { .int64(entry.classes[$0]) } + [
                    .text(entry.pricing.name), LedgerColumns.text(entry.pricing.unpricedReason),
                    LedgerColumns.text(entry.price?.pricingID), LedgerColumns.text(entry.price?.rates),
                    LedgerColumns.text(entry.price?.provenance), .int64(entry.hold.nanodollars),
                    .int64(entry.cost.nanodollars), .text(entry.endReason.rawValue),
                    .text(entry.usageSource?.rawValue), .int64(entry.endedAt), .int64(now),
                ])
    }

    private func tags(of requestID: String) throws -> [RequestTags.Tag] {
        try connection.query("SELECT key, value FROM ledger_tags WHERE request_id = $1", [.text(requestID)]).map {
            row in
            RequestTags.Tag(key: try row.text("key"), value: try row.text("value"))
        }
    }
}
