import Database
import Foundation
import GatewayCore
import Provisioning
import Store
import Synchronization

/// Runs `body` with a store with the whole schema and no rows, and its database.
func withStore(_ body: (GatewayStore, any Database) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let database = try SQLiteDatabase.open(path: folder.appending(path: "test.db").path)
    _ = try await Migrator(StoreSchema.migrations).apply(to: database, now: 1)
    try await addPeople(database)
    let clock = StepClock()
    try await body(GatewayStore(database) { clock.now() }, database)
    try await database.close()
}

/// The team `core` and the active user ann@example.com, without audit rows.
private func addPeople(_ database: any Database) async throws {
    try await database.write { connection in
        try connection.executeScript(
            """
            INSERT INTO teams (id, key, name, status, all_models, managed_by, version, created_at, updated_at)
            VALUES ('t1', 'core', 'Core', 'active', 1, 'control_plane', 1, 0, 0);
            INSERT INTO users (id, email, name, status, global_role, auth_mode, is_bootstrap, all_models, request_logging,
                managed_by, version, created_at, updated_at)
            VALUES ('u1', 'ann@example.com', 'Ann', 'active', 'user', 'password', 0, 1, 1, 'control_plane', 1, 0, 0);
            """)
    }
}

/// Seeds a file that lists keys only.
func seedKeys(_ keys: [KeySeed], overlap: Int64 = 0, into store: GatewayStore) async throws -> SeedOutcome {
    var seed = Seed()
    seed.keys = keys
    seed.keyOverlap = overlap
    return try await Seeder.seed(seed, into: store).keys
}

/// A clock that advances by a microsecond at each read.
final class StepClock: Sendable {
    private let time = Atomic<Int64>(1_000_000)

    func now() -> Int64 {
        time.add(1, ordering: .relaxed).newValue
    }
}

/// An entry of the file; the public id follows from `value`, with the secret `secret`.
func seed(
    _ name: String, _ value: String, secret: String = "0123456789abcdef0123456789abcdef", grant: ModelGrant = .all,
    owner: KeyOwner = .systemLegacy
) -> KeySeed {
    KeySeed(
        name: name, token: APIKeyToken(publicID: publicID(value), secret: Secret(secret)), grant: grant, owner: owner)
}

func publicID(_ value: String) -> String {
    value + String(repeating: "0", count: max(0, 16 - value.count))
}

/// The number of audit rows and the change version, which a seeding without changes does not change.
struct Traces: Equatable {
    let auditRows: Int
    let version: ChangeVersion

    init(_ store: GatewayStore, _ database: any Database) async throws {
        auditRows = try await database.read { try $0.query("SELECT id FROM audit_log").count }
        version = try await store.changeVersion()
    }
}

extension Seeder {
    static func seed(_ seed: Seed, into store: GatewayStore) async throws -> SeedReport {
        try await Seeder.seed(seed, into: store) { _ in }.report
    }
}
