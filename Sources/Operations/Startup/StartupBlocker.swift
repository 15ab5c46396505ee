public import Database
import Logging
import Routing

/// Why the gateway cannot serve from the database yet, although nothing is wrong with the configuration.
public enum StartupBlocker: Sendable, Hashable {
    /// The database is unreachable, locked or full.
    case database(DatabaseError)
    /// By label. Another process or the operator has to apply them.
    case migrationsPending([String])

    /// The check that `/readyz` names.
    var check: Readiness.Check {
        switch self {
        case .database: .database
        case .migrationsPending: .migrationsPending
        }
    }

    func log(to logger: Logger) {
        switch self {
        case .database(let error):
            logger.error(
                "The database cannot be used yet; the gateway keeps trying.",
                metadata: ["error": "\(OperatorMessage(error))", "detail": "\(error.detail ?? "")"])
        case .migrationsPending(let labels):
            logger.error(
                "Migrations are pending and switched off here; run `gateway migrate` with this configuration.",
                metadata: ["pending": "\(labels.joined(separator: ", "))"])
        }
    }
}
