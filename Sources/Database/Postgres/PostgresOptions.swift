/// The limits of a `PostgresDatabase`.
public struct PostgresOptions: Sendable, Hashable {
    /// Whether a pooler stands between the gateway and the server that gives each transaction another connection, as
    /// pgbouncer does in transaction mode.
    ///
    /// Then nothing may outlive a transaction: statements are not prepared by name, settings go with each transaction,
    /// and no connection listens for announcements.
    public enum Pooling: Sendable, Hashable {
        /// Found out with each connection.
        case detected
        case always
        case never
    }

    /// Whether a pooler stands in between.
    public var pooling = Pooling.detected
    /// How many connections are open at most.
    public var maxConnections = 10
    /// How long a transaction waits for a connection while all of them are busy.
    public var waitingDeadline = Duration.seconds(10)
    /// How long the server's answer to a new connection may take, in whole seconds, for each address of the URL. libpq
    /// takes less than 2 s for 2 s. The URL's `connect_timeout` goes before it.
    public var connectTimeout = Duration.seconds(5)
    /// How long one statement may run.
    public var statementTimeout = Duration.seconds(30)
    /// How long one statement waits for a lock.
    public var lockTimeout = Duration.seconds(10)

    /// The defaults.
    public init() {}
}
