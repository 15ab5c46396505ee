/// What transactions tell everybody who listens on the same database. It only shortens the delay: a listener that must
/// not miss anything polls.
public enum Announcement: String, Sendable, CaseIterable {
    /// Something that running gateways cache has changed.
    case change = "sluice_change"
}

extension Connection {
    /// Tells the listeners, if and when this transaction is committed.
    public func announce(_ announcement: Announcement) throws(DatabaseError) {
        if let statement = dialect.announce(announcement) { try execute(statement) }
    }
}
