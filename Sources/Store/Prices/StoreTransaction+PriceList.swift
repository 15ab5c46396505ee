import Database
import GatewayCore

extension StoreTransaction {
    /// Stores a list that was just fetched, for all gateways, which load it within two seconds.
    /// - Returns: its facts; `fetchedAt` differs from that of the list before it.
    @discardableResult
    public func putPriceList(source: String, etag: String?, content: String, models: Int) throws -> CachedPriceList {
        let old = try reader.cachedPriceList()
        // Also with a clock that was set back.
        let fetchedAt = max(now, old.map { $0.fetchedAt + 1 } ?? now)
        try connection.execute(
            """
            INSERT INTO price_catalog (id, source, etag, content, fetched_at, checked_at)
            VALUES (1, $1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET source = excluded.source, etag = excluded.etag,
                content = excluded.content, fetched_at = excluded.fetched_at, checked_at = excluded.checked_at
            """,
            [.text(source), .text(etag), .text(content), .int64(fetchedAt), .int64(now)])
        try recordChange(
            "price_list.update", subject: "price_catalog", before: old.map { PriceListAuditState(source: $0.source) },
            after: PriceListAuditState(source: source, models: models), concerns: .routing)
        return CachedPriceList(source: source, etag: etag, fetchedAt: fetchedAt, checkedAt: now)
    }

    /// Records that the server has no newer list than the one of `fetchedAt`. No gateway has to know.
    public func recordPriceListCheck(of fetchedAt: Int64, etag: String?) throws {
        try connection.execute(
            "UPDATE price_catalog SET checked_at = $1, etag = $2 WHERE id = 1 AND fetched_at = $3",
            [.int64(now), .text(etag), .int64(fetchedAt)])
    }
}

private struct PriceListAuditState: Encodable {
    let source: String
    /// Nil for the list before.
    var models: Int?
}
