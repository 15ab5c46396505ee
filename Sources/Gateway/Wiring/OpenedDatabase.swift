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
        guard configuration.isLocal else {
            throw CommandFailure(
                .database, "This release cannot use PostgreSQL yet.",
                hint: "Set `database.kind: sqlite` in gateway.yaml.")
        }
        let database = try SQLiteDatabase.open(path: configuration.path)
        let applied = try await Migrator(StoreSchema.migrations).apply(to: database, now: WallClock.now())
        return OpenedDatabase(
            database: database, keys: KeyStore(database, clock: WallClock.now), applied: applied.map(\.label))
    }
}
