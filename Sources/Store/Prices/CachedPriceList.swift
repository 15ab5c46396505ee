/// The price list that a gateway has fetched for all: the row of `price_catalog`, without its content.
public struct CachedPriceList: Sendable, Hashable {
    /// The address without its scheme, and the date: `models.dev 2026-11-28`.
    public let source: String
    /// For `If-None-Match`; nil if the server gave none.
    public let etag: String?
    /// Microseconds since 1970 UTC. It also identifies the content.
    public let fetchedAt: Int64
    /// When the server last said that the content is current: microseconds since 1970 UTC.
    public let checkedAt: Int64

    public init(source: String, etag: String?, fetchedAt: Int64, checkedAt: Int64) {
        self.source = source
        self.etag = etag
        self.fetchedAt = fetchedAt
        self.checkedAt = checkedAt
    }
}
