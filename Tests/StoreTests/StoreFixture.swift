import Database
import GatewayCore
import Store
import Synchronization

/// A clock that advances by a microsecond at each read.
final class StepClock: Sendable {
    private let time = Atomic<Int64>(1_000_000)

    func now() -> Int64 {
        time.add(1, ordering: .relaxed).newValue
    }
}

extension TestEngine {
    /// Runs `body` with a store with the whole schema, two owners for keys and no other rows, and its database.
    func withStore(_ body: (GatewayStore, any Database) async throws -> Void) async throws {
        try await withDatabase { database in
            _ = try await Migrator(StoreSchema.migrations).apply(to: database, now: 1)
            try await addPeople(database)
            let clock = StepClock()
            try await body(GatewayStore(database) { clock.now() }, database)
        }
    }
}

/// A token whose public id is made from `name`.
func makeToken(_ name: String, secret: String = "0123456789abcdef0123456789abcdef") -> APIKeyToken {
    APIKeyToken(publicID: name + String(repeating: "0", count: max(0, 16 - name.count)), secret: Secret(secret))
}

/// A row of the audit trail as text.
struct AuditRow {
    let at: Int64
    let actor: String
    let action: String
    let subject: String
    let before: String?
    let after: String?
}

/// The audit trail, oldest first.
func auditRows(_ database: any Database) async throws -> [AuditRow] {
    try await database.read { connection in
        try connection.query("SELECT * FROM audit_log ORDER BY at, id").map { row in
            AuditRow(
                at: try row.int64("at"), actor: "\(try row.text("actor_kind")):\(try row.text("actor_name"))",
                action: try row.text("action"), subject: try row.text("subject_id"),
                before: try row.optionalText("before"), after: try row.optionalText("after"))
        }
    }
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
