public import GatewayCore

/// A PostgreSQL server, through libpq and a pool of connections.
///
/// Connections are made when they are needed, so a server that is down shows at the first transaction, and one that
/// comes back is used again by itself. Meanwhile transactions fail at once, and a new attempt is made every second at
/// least.
public final class PostgresDatabase: Database {
    /// `postgres://user:•••@host:port/database`, which may be shown.
    public let location: String

    /// Whether the server is reached by a loopback address or a local socket.
    public let isLocal: Bool

    private let pool: PostgresPool
    private let url: PostgresURL
    private let options: PostgresOptions

    /// Makes no connection yet.
    ///
    /// - Parameter url: as libpq takes it, with parameters such as `sslmode`, `sslrootcert`, `connect_timeout` and
    ///   `options` (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
    /// - Throws: `DatabaseError.unreachable` if the URL cannot be read.
    public init(url: Secret, options: PostgresOptions = PostgresOptions()) throws(DatabaseError) {
        let url = try PostgresURL(url)
        location = url.masked
        isLocal = url.isLocal
        self.url = url
        self.options = options
        pool = PostgresPool(url, options)
    }

    /// What this engine does in a way of its own.
    public var dialect: SQLDialect { .postgres }

    /// Through a connection of its own, which the pool does not count.
    public func announcements(of announcement: Announcement) -> AsyncStream<Void> {
        PostgresListener(url, options, announcement).announcements()
    }

    /// Runs `body` in a read-only transaction that sees one moment; writers do not disturb it.
    public func read<Result: Sendable>(
        within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await pool.transact(.read, within: limit, body)
    }

    /// Runs `body` in a transaction of the isolation and durability that `options` ask for.
    @discardableResult
    public func write<Result: Sendable>(
        _ options: WriteOptions, within limit: Duration?, _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await pool.transact(.write(options), within: limit, body)
    }

    /// Refuses new work, waits for what is running, and closes every connection.
    public func close() async throws {
        await pool.close()
    }
}
