public import Database
public import GatewayCore

/// Everything that the gateway keeps, read and changed in transactions.
///
/// Every method throws `StoreError`, `CancellationError` when its task is cancelled, or what the closure threw.
public struct GatewayStore: Sendable {
    let database: any Database
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: microseconds since 1970 UTC.
    public init(_ database: any Database, clock: @escaping @Sendable () -> Int64) {
        self.database = database
        self.clock = clock
    }

    /// The API keys, for a caller that needs one operation at a time.
    public var keys: KeyStore { KeyStore(self) }

    /// The responses that providers keep.
    public var responses: StoredResponseStore { StoredResponseStore(self) }

    /// What each attempt at a provider cost.
    public var ledger: LedgerStore { LedgerStore(self) }

    /// The running gateways.
    public var replicas: ReplicaStore { ReplicaStore(self) }

    /// For what is asked all the time and answered at once, so that a silent server is noticed soon.
    static let shortLimit = Duration.seconds(5)

    /// Runs `body` on a view of one moment.
    /// - Parameter limit: for a server to answer.
    public func read<Result: Sendable>(
        within limit: Duration = .seconds(60), _ body: @escaping @Sendable (StoreReader) throws -> Result
    ) async throws -> Result {
        do {
            return try await database.read(within: limit) { try body(StoreReader(connection: $0)) }
        } catch let error as DatabaseError {
            throw StoreError.database(error)
        }
    }

    /// Runs several changes as one: all of `body` comes into effect, or nothing does when it throws.
    @discardableResult
    public func transaction<Result: Sendable>(
        by actor: AuditActor, _ body: @escaping @Sendable (StoreTransaction) throws -> Result
    ) async throws -> Result {
        let now = now()
        return try await write { try body(StoreTransaction(actor: actor, now: now, connection: $0)) }
    }

    /// What running gateways compare with what they last saw. Cheap enough to be asked each second.
    public func changeVersion() async throws -> ChangeVersion {
        try await read(within: Self.shortLimit) { try $0.changeVersion() }
    }

    /// Microseconds since 1970 UTC, by the clock of all changes.
    public func now() -> Int64 { clock() }

    /// For what is no change in the sense of the audit trail.
    func write<Result: Sendable>(
        _ options: WriteOptions = .standard, within limit: Duration = .seconds(60),
        _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        do {
            return try await database.write(options, within: limit, body)
        } catch let error as DatabaseError {
            throw StoreError.database(error)
        }
    }
}
