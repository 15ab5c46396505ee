/// What can go wrong between the gateway and its database.
///
/// `message` and `hint` are for the operator at the terminal and in the log: they name the database and never contain SQL or
/// values. `detail` is what the engine itself said, and belongs in a log line only.
public enum DatabaseError: Error, Sendable, Hashable {
    /// It cannot be opened or reached; `reason` says why.
    case unreachable(database: String, reason: String)
    /// The server answers, and will not let this gateway in as it is set up; `reason` says why.
    case refused(database: String, reason: String)
    /// The server lets the user in, but not do what the gateway has to.
    case notPermitted(database: String)
    /// The file, its folder or the server accepts no writes.
    case readOnly(database: String)
    /// Another process or transaction held it, or a row of it, for longer than the busy or lock timeout.
    case locked(database: String)
    /// There is no room left for a write; what was there is intact.
    case full(database: String)
    /// The file is something else than a database.
    case notADatabase(database: String)
    /// The file is damaged.
    case corrupt(database: String)
    /// A constraint refused the change.
    ///
    /// The name is the same on every engine, by PostgreSQL's naming rule: `<table>_<column>…_key` for unique columns,
    /// `<table>_pkey`, `<table>_<column>_not_null`, and the declared name of a check. Nil where the engine does not tell, as
    /// SQLite does not for foreign keys.
    case constraint(name: String?)
    /// The connection was lost, and nothing of the transaction is stored.
    case connectionLost(database: String)
    /// The connection was lost while the transaction was being committed: all of it may be stored, or nothing.
    case outcomeUnknown(database: String)
    /// Other transactions went before this one, again and again.
    case conflict(database: String)
    /// A statement ran for longer than it may.
    case timedOut(database: String)
    /// All connections stayed busy for as long as a transaction waits for one.
    case exhausted(database: String, connections: Int)
    /// `close()` was called before.
    case closed
    /// The task was cancelled while a statement ran. Outside a transaction's closure this is a `CancellationError`.
    case cancelled
    /// A row holds something else than the code expects.
    case unexpectedValue(column: String, reason: String)
    /// A text with a zero character, which no engine keeps whole.
    case zeroInText
    /// Anything else: an input or output error, or a fault in the gateway's own SQL.
    ///
    /// The code is SQLite's extended result code or PostgreSQL's SQLSTATE.
    case failed(code: String, detail: String)

    /// A transaction's closure caught the error of a statement and went on. A fault in the gateway.
    static let errorNotPassedOn = DatabaseError.failed(code: "25P02", detail: "a statement's error was not passed on")

    /// One line for the operator.
    public var message: String {
        switch self {
        case .unreachable(let database, let reason): "The database \(database) cannot be opened: \(reason)."
        case .refused(let database, let reason): "The database \(database) refuses the connection: \(reason)."
        case .notPermitted(let database): "The database \(database) does not let this user do what the gateway has to."
        case .readOnly(let database): "The database \(database) is read-only."
        case .locked(let database):
            "The database \(database) is locked by another \(Self.isServer(database) ? "transaction" : "process")."
        case .full(let database): "There is no room left for the database \(database)."
        case .notADatabase(let database): "The file \(database) is not a SQLite database."
        case .corrupt(let database): "The database \(database) is damaged."
        case .constraint(let name): "The change breaks the rule \(name ?? "of a foreign key or check") of the database."
        case .connectionLost(let database): "The connection to the database \(database) was lost."
        case .outcomeUnknown(let database):
            "The connection to the database \(database) was lost during a commit; the change may be stored or not."
        case .conflict(let database): "Other changes of the database \(database) were in the way too often."
        case .timedOut(let database): "A statement took too long on the database \(database)."
        case .exhausted(let database, let connections):
            "All \(connections) connections to the database \(database) are busy."
        case .closed: "The database has been closed."
        case .cancelled: "The work on the database was cancelled."
        case .unexpectedValue(let column, let reason): "The column \(column) holds an unexpected value: \(reason)."
        case .zeroInText: "A text with a zero character cannot be stored."
        case .failed(let code, _): "The database failed with code \(code)."
        }
    }

    /// What the operator can do about it, if there is something to do.
    public var hint: String? {
        switch self {
        case .unreachable(let database, _) where Self.isServer(database):
            "Check `database.url` in gateway.yaml, and that the server runs and can be reached from here."
        case .refused: "Check the user, password, database and `sslmode` of `database.url` in gateway.yaml."
        case .notPermitted:
            "Let the user create tables in the first schema of its `search_path`, best by owning it; see docs/database.md."
        case .unreachable: "Check `database` in gateway.yaml, and that the folder exists and may be entered."
        case .readOnly(let database) where Self.isServer(database):
            "Use the URL of the primary server, and a user that may write."
        case .readOnly: "Let the gateway's user write to the file and to its folder."
        case .locked(let database) where Self.isServer(database):
            "Find the transaction that holds the lock (the view `pg_locks` tells), and end it or wait for it."
        case .locked: "Find the other process that holds the file (`fuser` tells), and stop it or wait for it."
        case .full: "Free some space on that disk; the gateway goes on by itself."
        case .notADatabase: "Check `database.path` in gateway.yaml; nothing has been changed in the file."
        case .corrupt: "Stop the gateway, keep a copy of the file, and restore a backup."
        case .connectionLost: "See the server's log; the gateway connects again by itself."
        case .outcomeUnknown: "Look whether the change is there before making it again."
        case .conflict: "Try again."
        case .timedOut: "See what the server is busy with (the view `pg_stat_activity` tells)."
        case .exhausted: "Raise `database.max_connections`, or see what the server is busy with (`pg_stat_activity`)."
        case .constraint, .closed, .cancelled, .unexpectedValue, .zeroInText, .failed: nil
        }
    }

    /// Whether the cause may go away without anybody changing the gateway's configuration, so that waiting helps.
    public var mayPass: Bool {
        switch self {
        case .unreachable(let database, _): Self.isServer(database)
        case .locked, .full, .connectionLost, .outcomeUnknown, .conflict, .timedOut, .exhausted: true
        case .refused, .notPermitted, .readOnly, .notADatabase, .corrupt, .constraint, .closed, .cancelled,
            .unexpectedValue,
            .zeroInText, .failed:
            false
        }
    }

    private static func isServer(_ database: String) -> Bool {
        database.hasPrefix("postgres://")
    }

    /// What the engine said, for a log line; it may name tables and contain pieces of SQL.
    public var detail: String? {
        if case .failed(_, let detail) = self { detail } else { nil }
    }
}

extension DatabaseError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String {
        [message, hint].compactMap(\.self).joined(separator: " ")
    }
}
