/// What can go wrong between the gateway and its database.
///
/// `message` and `hint` are for the operator at the terminal and in the log: they name the database and never contain SQL or
/// values. `detail` is what the engine itself said, and belongs in a log line only.
public enum DatabaseError: Error, Sendable, Hashable {
    /// It cannot be opened or reached; `reason` says why.
    case unreachable(database: String, reason: String)
    /// The file, its folder or the server accepts no writes.
    case readOnly(database: String)
    /// Another process held it for longer than the busy timeout.
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
    /// `close()` was called before.
    case closed
    /// The task was cancelled while a statement ran. Outside a transaction's closure this is a `CancellationError`.
    case cancelled
    /// A row holds something else than the code expects.
    case unexpectedValue(column: String, reason: String)
    /// A text with a zero character, which no engine keeps whole.
    case zeroInText
    /// Anything else: an input or output error, or a fault in the gateway's own SQL.
    case failed(code: Int32, detail: String)

    /// One line for the operator.
    public var message: String {
        switch self {
        case .unreachable(let database, let reason): "The database \(database) cannot be opened: \(reason)."
        case .readOnly(let database): "The database \(database) is read-only."
        case .locked(let database): "The database \(database) is locked by another process."
        case .full(let database): "There is no room left for the database \(database)."
        case .notADatabase(let database): "The file \(database) is not a SQLite database."
        case .corrupt(let database): "The database \(database) is damaged."
        case .constraint(let name): "The change breaks the rule \(name ?? "of a foreign key or check") of the database."
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
        case .unreachable: "Check `database` in gateway.yaml, and that the folder exists and may be entered."
        case .readOnly: "Let the gateway's user write to the file and to its folder."
        case .locked: "Find the other process that holds the file (`fuser` tells), and stop it or wait for it."
        case .full: "Free some space on that disk; the gateway goes on by itself."
        case .notADatabase: "Check `database.path` in gateway.yaml; nothing has been changed in the file."
        case .corrupt: "Stop the gateway, keep a copy of the file, and restore a backup."
        case .constraint, .closed, .cancelled, .unexpectedValue, .zeroInText, .failed: nil
        }
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
