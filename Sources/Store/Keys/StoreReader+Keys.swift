public import GatewayCore

extension StoreReader {
    /// Every key, oldest first.
    public func keys() throws -> [KeyRecord] {
        try KeyQuery.all.run(on: connection)
    }

    /// The keys that `manager` owns, revoked ones too, oldest first.
    public func keys(managedBy manager: ManagedBy) throws -> [KeyRecord] {
        try KeyQuery.managedBy(manager).run(on: connection)
    }

    /// The key with this public id, whoever owns it.
    public func key(publicID: String) throws -> KeyRecord? {
        try KeyQuery.publicID(publicID).run(on: connection).first
    }
}
