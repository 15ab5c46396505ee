import Database
public import GatewayCore

/// One transaction of changes: the tables, who makes the change, and when.
///
/// Its operations stand in extensions, one file per subject. Each writes its audit row and raises the change version by
/// itself, so a caller cannot omit either; all of them come into effect together, or none does.
public struct StoreTransaction {
    /// Who makes the changes.
    public let actor: AuditActor
    /// The time of every change in it: microseconds since 1970 UTC.
    public let now: Int64
    let connection: any Connection
    private let ids: IDSequence

    init(actor: AuditActor, now: Int64, connection: any Connection) {
        self.actor = actor
        self.now = now
        self.connection = connection
        ids = IDSequence(now: now)
    }

    /// What is stored, with the changes made so far.
    public var reader: StoreReader { StoreReader(connection: connection) }

    func newID() -> String { ids.next() }

    /// What every change of a thing ends with: its audit row, and the news for running gateways.
    ///
    /// - Parameters:
    ///   - before: a type made for the audit trail, nil if the thing is new.
    ///   - after: likewise, nil if it is gone.
    func recordChange(
        _ action: String, subject id: String, before: (any Encodable)?, after: (any Encodable)?,
        concerns concern: ChangeConcern = .access
    ) throws {
        try audit(action, subject: id, before: before, after: after)
        try raiseVersion(concerns: concern)
    }

    /// Makes every running gateway read its providers and models again, and resolve their references, although no row
    /// has changed.
    public func refreshGateways() throws {
        try raiseVersion(concerns: .routing)
    }

    /// Records the generation of the file that is seeded in this transaction.
    public func setSeedGeneration(_ generation: Int64) throws {
        try connection.execute("UPDATE database_identity SET seed_generation = $1 WHERE id = 1", [.int64(generation)])
    }

    private func raiseVersion(concerns concern: ChangeConcern) throws {
        try connection.execute(
            """
            UPDATE change_version SET version = version + 1,
                routing_version = CASE WHEN $1 = 1 THEN version + 1 ELSE routing_version END
            WHERE id = 1
            """, [.int64(concern == .routing ? 1 : 0)])
        try connection.announce(.change)
    }
}
