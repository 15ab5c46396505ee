import DataPlane
import Database
import GatewayConfig
import Store

/// The configured database, brought to the newest schema.
struct OpenedDatabase {
    let database: any Database
    let keys: KeyStore
    /// What `open` had to apply, by label.
    let applied: [String]

    static func open(_ configuration: DatabaseConfiguration) async throws -> OpenedDatabase {
        let database = try connect(configuration)
        let applied = try await Migrator(StoreSchema.migrations).apply(to: database, now: WallClock.now())
        return OpenedDatabase(
            database: database, keys: KeyStore(database, clock: WallClock.now), applied: applied.map(\.label))
    }

    /// A server is reached when it is first asked for something.
    private static func connect(_ configuration: DatabaseConfiguration) throws -> any Database {
        guard !configuration.isLocal else { return try SQLiteDatabase.open(path: configuration.path) }
        guard let url = configuration.url else {
            throw CommandFailure(.configuration, "database.kind is postgres, but there is no database.url.")
        }
        var options = PostgresOptions()
        options.maxConnections = configuration.maxConnections
        return try PostgresDatabase(url: url, options: options)
    }
}
