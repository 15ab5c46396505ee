import Database

extension StoreReader {
    /// The fetched price list; nil if none was ever fetched.
    public func cachedPriceList() throws -> CachedPriceList? {
        try connection.query("SELECT source, etag, fetched_at, checked_at FROM price_catalog WHERE id = 1").first.map {
            CachedPriceList(
                source: try $0.text("source"), etag: try $0.optionalText("etag"),
                fetchedAt: try $0.int64("fetched_at"), checkedAt: try $0.int64("checked_at"))
        }
    }

    /// The content of the fetched price list, several megabytes of JSON; nil if none was ever fetched.
    public func cachedPriceListContent() throws -> String? {
        try connection.query("SELECT content FROM price_catalog WHERE id = 1").first.map { try $0.text("content") }
    }
}
