public import GatewayCore

extension StoreReader {
    /// One page of the keys that pass `filter`, revoked and expired ones too unless it says otherwise.
    ///
    /// - Parameter now: microseconds since 1970 UTC, for what is expired.
    public func keys(_ filter: KeyFilter, page: PageRequest, now: Int64) throws -> Page<KeyRecord> {
        let found = try KeyQuery.page(page, of: filter, now: now).run(on: connection)
        let items = Array(found.prefix(page.limit))
        let next = found.count > items.count ? items.last : nil
        return Page(items: items, next: next.map { PageCursor(createdAt: $0.createdAt, id: $0.id) })
    }

    /// The keys with exactly this name, revoked ones too, oldest first.
    public func keys(named name: String) throws -> [KeyRecord] {
        try KeyQuery.name(name).run(on: connection)
    }

    /// The keys that `manager` owns, revoked ones too, oldest first.
    public func keys(managedBy manager: ManagedBy) throws -> [KeyRecord] {
        try KeyQuery.managedBy(manager).run(on: connection)
    }

    /// The key with this public id, of any owner.
    public func key(publicID: String) throws -> KeyRecord? {
        try KeyQuery.publicID(publicID).run(on: connection).first
    }
}
