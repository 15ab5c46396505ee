import DataPlane
import Database
import GatewayConfig
import Store

/// The database that the configuration names.
struct ConfiguredDatabase {
    let database: any Database
    let store: GatewayStore
    let migrator: Migrator

    /// Does not connect yet: the first transaction does.
    init(_ configuration: DatabaseConfiguration) throws {
        database = try Self.connect(configuration)
        store = GatewayStore(database, clock: WallClock.now)
        migrator = try Migrator(StoreSchema.migrations)
    }

    /// Opens the database for a command that uses the stored data.
    /// - Throws: also if the schema is outdated: only `migrate` and `serve` change it.
    static func openStore(_ configuration: DatabaseConfiguration) async throws -> GatewayStore {
        let opened = try ConfiguredDatabase(configuration)
        let pending = try await opened.migrator.check(opened.database)
        guard pending.isEmpty else {
            throw CommandFailure(
                .database,
                "The database \(opened.database.location) lacks \(pending.map(\.label).joined(separator: ", ")).",
                hint: "Run `gateway migrate` with this configuration first, or `gateway serve`, which does it too.")
        }
        return opened.store
    }

    private static func connect(_ configuration: DatabaseConfiguration) throws -> any Database {
        guard !configuration.isLocal else { return SQLiteDatabase(path: configuration.path) }
        guard let url = configuration.url else {
            throw CommandFailure(.configuration, "database.kind is postgres, but database.url is not set.")
        }
        var options = PostgresOptions()
        options.maxConnections = configuration.maxConnections
        return try PostgresDatabase(url: url, options: options)
    }
}
