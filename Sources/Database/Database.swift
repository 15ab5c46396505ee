/// A relational database, whichever engine is behind it.
///
/// SQL is written once for every engine: placeholders are `$1`, `$2`, … and what the engines do not share stands in
/// `SQLDialect`. Keep the text of a statement constant and pass values as arguments, since prepared statements are
/// cached by their text for as long as the connection lives.
public protocol Database: Sendable {
    /// What this engine does in a way of its own.
    var dialect: SQLDialect { get }

    /// The file's path or the server's URL without its password, as messages name it.
    var location: String { get }

    /// Whether it is on this machine: a file, or a server that is reached by a loopback address or a local socket.
    var isLocal: Bool { get }

    /// An element each time that another process has announced it, or may have; never ends by itself. Missed ones are
    /// possible.
    func announcements(of announcement: Announcement) -> AsyncStream<Void>

    /// Runs `body` on a consistent, read-only view of the data.
    ///
    /// The closure runs off Swift's cooperative threads, so it may take its time, and must not wait for anything but
    /// the connection. An error it throws is passed on unchanged; one of the database is a `DatabaseError`. Cancelling
    /// the task throws `CancellationError`.
    ///
    /// - Parameter limit: for a server to answer everything; after that it counts as silent, the connection is given
    ///   up, and `DatabaseError.timedOut` is thrown. Nil for no limit.
    func read<Result: Sendable>(
        within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result

    /// Runs `body` in one transaction: all of it is stored when this returns, and none of it is when this throws.
    ///
    /// Where and how the closure runs is as for `read`. It must have no effect but on the database, since it runs again
    /// when the server gives the transaction up for another one. An error of a statement ends the transaction: pass it
    /// on.
    ///
    /// - Parameters:
    ///   - options: the transaction's isolation and durability.
    ///   - limit: as for `read`. If the limit passes during the commit, the changes may or may not be stored.
    @discardableResult
    func write<Result: Sendable>(
        _ options: WriteOptions, within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result

    /// Waits for what is running, then closes every connection. Later calls throw `DatabaseError.closed`; closing again
    /// does nothing.
    func close() async throws
}

extension Database {
    /// More than a statement may take on the server, so that only a silent one meets it.
    private var ordinaryLimit: Duration { .seconds(60) }

    /// Runs `body` on a consistent, read-only view of the data, within a minute.
    public func read<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws
        -> Result
    {
        try await read(within: ordinaryLimit, body)
    }

    /// Runs `body` in one serializable, durable transaction, within a minute.
    @discardableResult
    public func write<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws
        -> Result
    {
        try await write(.standard, within: ordinaryLimit, body)
    }

    /// Runs `body` in one transaction, within a minute.
    @discardableResult
    public func write<Result: Sendable>(
        _ options: WriteOptions, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await write(options, within: ordinaryLimit, body)
    }
}

/// A connection inside one transaction; it must not leave the closure that receives it.
public protocol Connection {
    /// What this engine does in a way of its own.
    var dialect: SQLDialect { get }

    /// Runs one statement and returns how many rows it inserted, updated or deleted.
    ///
    /// Here and in `query`, a text with a zero character is refused as `DatabaseError.zeroInText`.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int

    /// Runs one statement and returns all of its rows.
    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [Row]

    /// Runs several statements, separated by semicolons and without arguments. For migrations.
    func executeScript(_ sql: String) throws(DatabaseError)
}

extension Connection {
    /// Runs one statement without arguments and returns how many rows it inserted, updated or deleted.
    @discardableResult
    public func execute(_ sql: String) throws(DatabaseError) -> Int {
        try execute(sql, [])
    }

    /// Runs one statement without arguments and returns all of its rows.
    public func query(_ sql: String) throws(DatabaseError) -> [Row] {
        try query(sql, [])
    }
}
