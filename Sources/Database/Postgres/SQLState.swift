/// The SQLSTATE codes that decide what happens next.
enum SQLState {
    static let protocolViolation = "08P01"
    static let noTransaction = "25P01"
    /// "cached plan must not change result type": a migration has changed a table since the statement was prepared.
    static let planChanged = "0A000"
    /// A prepared statement exists already, or does not exist: another session's, behind a pooler.
    static let lostStatements: Set<String> = ["42P05", "26000"]
    /// A serialisation failure, and a deadlock.
    static let conflicts: Set<String> = ["40001", "40P01"]
}
