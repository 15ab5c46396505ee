/// Why the schema cannot be migrated to the state that this gateway needs.
public enum MigrationError: Error, Sendable, Hashable {
    /// The script of an applied migration differs from the one that was applied.
    case changed(label: String, name: String)
    /// The database has a migration that this gateway does not know: a newer gateway migrated it.
    case unknownVersion(label: String, name: String)
    /// This gateway cannot migrate the database: `reason` says what was found.
    case resetRequired(reason: String)
    /// The list of migrations is not in ascending order. A fault in the gateway.
    case notAscending(label: String)
    /// A script uses an unknown type token. A fault in the gateway.
    case unknownToken(String)

    /// One line for the operator.
    public var message: String {
        switch self {
        case .changed(let label, let name):
            "Migration \(label) (\(name)) was applied to this database with different content."
        case .unknownVersion(let label, let name):
            "This database has migration \(label) (\(name)), which this gateway does not know."
        case .resetRequired(let reason): "database reset required: \(reason)."
        case .notAscending(let label): "The gateway's list of migrations is out of order at \(label)."
        case .unknownToken(let token): "A migration uses the unknown type token {{\(token)}}."
        }
    }

    /// What the operator can do, if anything.
    public var hint: String? {
        switch self {
        case .changed: "Use the gateway version that created this database, or a new database."
        case .unknownVersion: "Use the gateway version that last migrated this database, or a later one."
        case .resetRequired: "Give the gateway an empty database; nothing has been changed in this one."
        case .notAscending, .unknownToken: nil
        }
    }
}

extension MigrationError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String {
        [message, hint].compactMap(\.self).joined(separator: " ")
    }
}
