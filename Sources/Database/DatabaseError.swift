/// The errors of the gateway's database.
///
/// `message` and `hint` are for the operator at the terminal and in the log: they name the database and never contain
/// SQL or values. `detail` is the engine's message, for a log line only.
public enum DatabaseError: Error, Sendable, Hashable {
    /// It cannot be opened or reached; `reason` says why.
    case unreachable(database: String, reason: String)
    /// The server answers, but rejects this gateway's connection; `reason` says why.
    case refused(database: String, reason: String)
    /// The database user lacks permissions that the gateway needs.
    case notPermitted(database: String)
    /// The file, its folder or the server accepts no writes.
    case readOnly(database: String)
    /// Another process or transaction locked it, or a row of it, for longer than the busy or lock timeout.
    case locked(database: String)
    /// No space is left for a write; the stored data is intact.
    case full(database: String)
    /// The file is not a database.
    case notADatabase(database: String)
    /// The file is damaged.
    case corrupt(database: String)
    /// A constraint refused the change.
    ///
    /// The name is the same on every engine, by PostgreSQL's naming rule: `<table>_<column>…_key` for unique columns,
    /// `<table>_pkey`, `<table>_<column>_not_null`, and the declared name of a check. Nil where the engine does not
    /// report it, as SQLite for foreign keys.
    case constraint(name: String?)
    /// The connection was lost, and nothing of the transaction is stored.
    case connectionLost(database: String)
    /// The connection was lost while the transaction was being committed: all of it may be stored, or nothing.
    case outcomeUnknown(database: String)
    /// Conflicting transactions aborted this one repeatedly.
    case conflict(database: String)
    /// A statement exceeded its time limit.
    case timedOut(database: String)
    /// All connections were busy for the whole time that a transaction waits for one.
    case exhausted(database: String, connections: Int)
    /// `close()` was called before.
    case closed
    /// The task was cancelled while a statement ran. Outside a transaction's closure this is a `CancellationError`.
    case cancelled
    /// A row has an unexpected value.
    case unexpectedValue(column: String, reason: String)
    /// A text with a zero character, which no engine stores correctly.
    case zeroInText
    /// The engine cannot store or compare a value: it is too long, out of range or not in the database's encoding. What
    /// asked for it is at fault, not the database.
    ///
    /// The code is SQLite's extended result code or PostgreSQL's SQLSTATE.
    case valueRefused(code: String, detail: String)
    /// A pooler between the gateway and the server gives each transaction another connection, on which the prepared
    /// statements of this one are not known.
    case pooled(database: String)
    /// Anything else: an input or output error, or a fault in the gateway's own SQL.
    ///
    /// The code is SQLite's extended result code or PostgreSQL's SQLSTATE.
    case failed(code: String, detail: String)

    /// A transaction's closure caught the error of a statement and continued. A fault in the gateway.
    static let errorNotPassedOn = DatabaseError.failed(code: "25P02", detail: "a statement's error was not passed on")

    /// One line for the operator.
    public var message: String {
        switch self {
        case .unreachable(let database, let reason): "The database \(database) cannot be opened: \(reason)."
        case .refused(let database, let reason): "The database \(database) refuses the connection: \(reason)."
        case .notPermitted(let database):
            "The user of the database \(database) lacks permissions that the gateway needs."
        case .readOnly(let database): "The database \(database) is read-only."
        case .locked(let database):
            "The database \(database) is locked by another \(concernsServer ? "transaction" : "process")."
        case .full(let database): "No space is left for the database \(database)."
        case .notADatabase(let database): "The file \(database) is not a SQLite database."
        case .corrupt(let database): "The database \(database) is damaged."
        case .constraint(let name): "The change breaks the rule \(name ?? "of a foreign key or check") of the database."
        case .connectionLost(let database): "The connection to the database \(database) was lost."
        case .outcomeUnknown(let database):
            "The connection to the database \(database) was lost during a commit; the change may or may not be stored."
        case .conflict(let database): "Conflicting changes to the database \(database) aborted this one repeatedly."
        case .timedOut(let database): "A statement took too long on the database \(database)."
        case .exhausted(let database, let connections):
            "All \(connections) connections to the database \(database) are busy."
        case .closed: "The database has been closed."
        case .cancelled: "The work on the database was cancelled."
        case .unexpectedValue(let column, let reason): "The column \(column) has an unexpected value: \(reason)."
        case .zeroInText: "A text with a zero character cannot be stored."
        case .valueRefused(let code, _): "A value cannot be stored or looked up (code \(code))."
        case .pooled(let database):
            "A pooler before the database \(database) gives each transaction another connection, so that prepared "
                + "statements get lost."
        case .failed(let code, _): "The database failed with code \(code)."
        }
    }

    /// What the operator can do at the database, if anything. It names no settings of the gateway: the layer that shows
    /// the hint adds those.
    public var hint: String? {
        switch self {
        case .unreachable where concernsServer: "Check that the server runs and is reachable from here."
        case .refused: "Check the user, the password, the database's name and TLS."
        case .notPermitted:
            "Let the user create tables in the first schema of its `search_path`, preferably as its owner; see docs/database.md."
        case .unreachable: "Check that the folder exists and is accessible."
        case .readOnly where concernsServer: "Use the URL of the primary server, and a user that may write."
        case .readOnly: "Let the gateway's user write to the file and to its folder."
        case .locked where concernsServer:
            "Find the transaction that holds the lock (see the view `pg_locks`), and end it or wait for it."
        case .locked: "Find the process that has the file open (with `fuser`), and stop it or wait for it."
        case .full: "Free some space on that disk; the gateway recovers automatically."
        case .notADatabase: "Nothing has been changed in the file."
        case .corrupt: "Stop the gateway, keep a copy of the file, and restore a backup."
        case .connectionLost: "See the server's log; the gateway reconnects automatically."
        case .outcomeUnknown: "Check whether the change was applied before retrying."
        case .conflict: "Try again."
        case .timedOut, .exhausted: "Check what the server is busy with (see the view `pg_stat_activity`)."
        case .pooled: "Use the session mode of the pooler, or tell the gateway that there is one."
        case .constraint, .closed, .cancelled, .unexpectedValue, .zeroInText, .valueRefused, .failed: nil
        }
    }

    /// Whether the cause may pass without a change of the gateway's configuration, so that waiting helps.
    public var mayPass: Bool {
        switch self {
        case .unreachable: concernsServer
        case .locked, .full, .connectionLost, .outcomeUnknown, .conflict, .timedOut, .exhausted: true
        case .refused, .notPermitted, .readOnly, .notADatabase, .corrupt, .constraint, .closed, .cancelled,
            .unexpectedValue, .zeroInText, .valueRefused, .pooled, .failed:
            false
        }
    }

    /// Whether the database is a server and not a file.
    public var concernsServer: Bool {
        switch self {
        case .unreachable(let database, _), .refused(let database, _), .notPermitted(let database),
            .readOnly(let database), .locked(let database), .full(let database), .notADatabase(let database),
            .corrupt(let database), .connectionLost(let database), .outcomeUnknown(let database),
            .conflict(let database), .timedOut(let database), .exhausted(let database, _),
            .pooled(let database):
            database.hasPrefix("postgres://")
        case .constraint, .closed, .cancelled, .unexpectedValue, .zeroInText, .valueRefused, .failed: false
        }
    }

    /// Whether a value that was asked for is at fault, and the database is well: the caller or the operator who gave
    /// the value has to be told that it is invalid or unknown.
    public var concernsValue: Bool {
        switch self {
        case .zeroInText, .valueRefused: true
        default: false
        }
    }

    /// The engine's message, for a log line; it may name tables and contain SQL.
    public var detail: String? {
        switch self {
        case .failed(_, let detail), .valueRefused(_, let detail): detail
        default: nil
        }
    }
}

extension DatabaseError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String {
        [message, hint].compactMap(\.self).joined(separator: " ")
    }
}
