/// What a write transaction asks of the engine beyond being atomic.
public struct WriteOptions: Sendable, Hashable {
    /// Which of the concurrent transactions' changes it may see.
    public enum Isolation: Sendable, Hashable {
        /// As if transactions ran one after another. On PostgreSQL, transactions that contend for a row run again.
        case serializable
        /// Each statement sees what was committed before it began, so what was read may change before it is written:
        /// lock rows with `SQLDialect.forUpdate` first, in the order of their ids. A transaction that only waits for
        /// such locks does not run again. SQLite has one writer, so there this is `serializable`.
        case readCommitted
    }

    /// When its changes survive a loss of power. A crash of the gateway loses nothing in either case.
    public enum Durability: Sendable, Hashable {
        /// They are on the disk when the commit returns.
        case full
        /// They are on the disk some time after the commit returns, and in any case with the next commit that is
        /// `full`. A loss of power may take the latest of them, never one without all that came after it, and never
        /// leaves half of a transaction.
        ///
        /// On PostgreSQL this is `synchronous_commit = off`: the server writes within a second, and a crash of the
        /// server counts as a loss of power. On SQLite this is `synchronous = NORMAL`: nothing but the next full
        /// commit, a checkpoint of the write-ahead log or the operating system writes, so it may take half a minute.
        case relaxed
    }

    /// Which of the concurrent transactions' changes it may see.
    public var isolation: Isolation
    /// When its changes survive a loss of power.
    public var durability: Durability

    /// Serializable and durable, unless something else is asked for.
    public init(isolation: Isolation = .serializable, durability: Durability = .full) {
        self.isolation = isolation
        self.durability = durability
    }

    /// Serializable and durable.
    public static let standard = WriteOptions()
}
