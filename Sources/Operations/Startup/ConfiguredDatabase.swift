public import Database
public import GatewayConfig
public import Store

/// The database that the configuration names.
public struct ConfiguredDatabase: Sendable {
    public let database: any Database
    public let store: GatewayStore
    public let migrator: Migrator

    /// Does not connect yet: the first transaction does.
    /// - Parameter clock: microseconds since 1970 UTC.
    /// - Throws: `DatabaseError` for a URL that cannot be used, `DatabaseStartupError.noURL`.
    public init(_ configuration: DatabaseConfiguration, clock: @escaping @Sendable () -> Int64) throws {
        database = try Self.connect(configuration)
        store = GatewayStore(database, clock: clock)
        migrator = try Migrator(StoreSchema.migrations)
    }

    /// The stored data, for a command that uses it.
    /// - Throws: also `DatabaseStartupError.outdatedSchema`: only `migrate` and `serve` change the schema.
    public static func openStore(
        _ configuration: DatabaseConfiguration, clock: @escaping @Sendable () -> Int64
    ) async throws -> GatewayStore {
        let opened = try ConfiguredDatabase(configuration, clock: clock)
        let pending = try await opened.migrator.check(opened.database)
        guard pending.isEmpty else {
            throw DatabaseStartupError.outdatedSchema(opened.database.location, pending: pending.map(\.label))
        }
        return opened.store
    }

    private static func connect(_ configuration: DatabaseConfiguration) throws -> any Database {
        guard !configuration.isLocal else { return SQLiteDatabase(path: configuration.path) }
        guard let url = configuration.url else { throw DatabaseStartupError.noURL }
        var options = PostgresOptions()
        options.maxConnections = configuration.maxConnections
        options.pooling = configuration.isPooled.map { $0 ? .always : .never } ?? .detected
        return try PostgresDatabase(url: url, options: options)
    }
}
