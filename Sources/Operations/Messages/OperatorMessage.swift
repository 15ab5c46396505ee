import Database
import GatewayCore
import Provisioning
import Store

/// An error as the operator sees it, at the terminal and in the log: what is wrong, and what to do about it in terms of
/// the gateway's settings and commands.
public struct OperatorMessage: Error, CustomStringConvertible {
    /// One line, without SQL and secrets; several for a configuration with several errors.
    public let message: String
    /// What the operator can do about it.
    public let hint: String?

    public init(_ error: any Error) {
        switch error {
        case let error as StoreError: (message, hint) = (error.message, error.operatorHint)
        case let error as DatabaseError: (message, hint) = (error.message, error.operatorHint)
        case let error as MigrationError: (message, hint) = (error.message, error.hint)
        case let error as SeedError: (message, hint) = (error.message, error.hint)
        case let error as DatabaseStartupError: (message, hint) = (error.message, error.hint)
        case let error as KeyServiceError: (message, hint) = (error.message, error.hint)
        case let error as SpendReportError: (message, hint) = (error.message, error.hint)
        default: (message, hint) = ("\(error)", nil)
        }
    }

    /// The message, then the hint.
    public var description: String {
        [message, hint].compactMap(\.self).joined(separator: " ")
    }
}

extension DatabaseError {
    /// The hint, with the settings of `gateway.yaml` that it is about.
    fileprivate var operatorHint: String? {
        switch self {
        case .unreachable where concernsServer:
            "Check `database.url` in gateway.yaml, and that the server runs and can be reached from here."
        case .unreachable: "Check `database` in gateway.yaml, and that the folder exists and may be entered."
        case .refused: "Check the user, password, database and `sslmode` of `database.url` in gateway.yaml."
        case .notADatabase: "Check `database.path` in gateway.yaml; nothing has been changed in the file."
        case .exhausted:
            "Raise `database.max_connections`, or see what the server is busy with (the view `pg_stat_activity` tells)."
        case .pooled: "Remove `database.pooled: false` from gateway.yaml, or use the pooler's session mode."
        case .notPermitted, .readOnly, .locked, .full, .corrupt, .constraint, .connectionLost, .outcomeUnknown,
            .conflict, .timedOut, .closed, .cancelled, .unexpectedValue, .zeroInText, .valueRefused, .failed:
            hint
        }
    }
}

extension StoreError {
    /// What the operator can do about it, with the settings of `gateway.yaml` that it is about.
    fileprivate var operatorHint: String? {
        switch self {
        case .noSuchOwner(.user): "List the user in gateway.yaml."
        case .noSuchOwner(.team), .noSuchTeam: "List the team in gateway.yaml."
        case .authModeFixed: "Set it back in gateway.yaml, or reset the user's onboarding."
        case .duplicateName: "The names under `auth.seed_api_keys` in gateway.yaml have to differ."
        case .database(let error): error.operatorHint
        case .duplicatePublicID, .duplicateTeam, .duplicateUser, .duplicateBudget, .stale: nil
        }
    }
}
