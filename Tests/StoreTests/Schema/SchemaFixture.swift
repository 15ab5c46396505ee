import Database
import Store

extension TestEngine {
    /// Runs `body` with a database with the whole schema and one row of each table that others refer to: the team `t1`
    /// besides the reserved one, the users `u1` and `u2`, the service account `s1`, the key `k1`, the provider `p1`,
    /// the models `m1` and `m2`, and the budget `b1` of `t1` with its window 0.
    func withSchema(_ body: (any Database) async throws -> Void) async throws {
        try await withDatabase { database in
            _ = try await Migrator(StoreSchema.migrations).apply(to: database, now: 1)
            try await database.write { connection in
                for insert in Insert.all { try connection.execute(insert) }
            }
            try await body(database)
        }
    }
}

/// Statements that add a row, with every required column; `values` are SQL, by column.
enum Insert {
    static let all = [
        team("t1"), user("u1"), user("u2"), serviceAccount("s1"), key("k1", ["user_id": "'u1'"]), provider("p1"),
        model("m1"), model("m2"), budget("b1", ["team_id": "'t1'"]),
        row("budget_windows", ["budget_id": "'b1'", "starts_at": "0", "ends_at": "9", "settled": "0", "held": "0"]),
    ]

    static func team(_ id: String, _ values: [String: String] = [:]) -> String {
        row(
            "teams",
            managed + ["id": "'\(id)'", "key": "'\(id)'", "name": "'T'", "status": "'active'", "all_models": "1"]
                + values)
    }

    static func user(_ id: String, _ values: [String: String] = [:]) -> String {
        row(
            "users",
            managed + [
                "id": "'\(id)'", "email": "'\(id)@example.com'", "name": "'U'", "status": "'active'",
                "global_role": "'user'", "auth_mode": "'password'", "is_bootstrap": "0", "all_models": "1",
                "request_logging": "1",
            ] + values)
    }

    static func membership(_ user: String, _ values: [String: String] = [:]) -> String {
        row("memberships", managed + ["user_id": "'\(user)'", "team_id": "'t1'", "role": "'member'"] + values)
    }

    static func serviceAccount(_ id: String, name: String = "s1") -> String {
        row(
            "service_accounts",
            managed + ["id": "'\(id)'", "team_id": "'t1'", "name": "'\(name)'", "status": "'active'"])
    }

    static func key(_ id: String, _ values: [String: String]) -> String {
        var managed = managed
        managed["updated_at"] = nil
        return row(
            "api_keys",
            managed + ["id": "'\(id)'", "public_id": "'\(id)'", "name": "'k'", "all_models": "1"] + values)
    }

    static func provider(_ id: String) -> String {
        row("providers", managed + ["id": "'\(id)'", "settings": "'{}'"])
    }

    static func model(_ id: String, _ values: [String: String] = [:]) -> String {
        row("models", managed + ["id": "'\(id)'", "rank": "100"] + values)
    }

    static func route(_ id: String, _ values: [String: String] = [:]) -> String {
        var managed = managed
        managed["managed_by"] = nil
        return row(
            "routes",
            managed + [
                "id": "'\(id)'", "model_id": "'m1'", "position": "1", "provider_id": "'p1'", "upstream_model": "'x'",
                "priority": "100", "weight": "1.0", "is_enabled": "1", "options": "'{}'",
            ] + values)
    }

    static func invitation(_ id: String, _ values: [String: String] = [:]) -> String {
        row(
            "invitations",
            ["id": "'\(id)'", "user_id": "'u1'", "token_hash": "'\(id)'", "created_at": "0", "expires_at": "9"]
                + values)
    }

    static func budget(_ id: String, _ values: [String: String]) -> String {
        row(
            "budgets",
            managed + ["id": "'\(id)'", "cadence": "'monthly'", "amount": "5", "hard_limit": "1", "timezone": "'UTC'"]
                + values)
    }

    static func hold(_ values: [String: String] = [:]) -> String {
        row(
            "holds",
            [
                "request_id": "'r1'", "attempt": "1", "budget_id": "'b1'", "window_starts_at": "0", "amount": "1",
                "replica_id": "'x'", "created_at": "0",
            ] + values)
    }

    static func ledger(_ values: [String: String] = [:]) -> String {
        let classes = [
            "input_uncached", "input_cache_read", "input_cache_write", "input_audio", "output_text",
            "output_reasoning", "output_audio", "hold", "cost", "admitted_at", "started_at", "settled_at",
        ]
        let texts = [
            "replica_id", "api_key_id", "operation", "requested_model", "resolved_model", "provider_id", "route_id",
            "upstream_model",
        ]
        return row(
            "ledger",
            Dictionary(uniqueKeysWithValues: classes.map { ($0, "0") } + texts.map { ($0, "'x'") })
                + ["request_id": "'r1'", "attempt": "1", "pricing_status": "'priced'", "end_reason": "'complete'"]
                + values)
    }

    static func alert(_ id: String) -> String {
        row(
            "alerts",
            [
                "id": "'\(id)'", "budget_id": "'b1'", "window_starts_at": "0", "threshold_percent": "80", "used": "4",
                "amount": "5", "created_at": "0",
            ])
    }

    static func price(_ id: String, _ values: [String: String] = [:]) -> String {
        row(
            "model_pricing",
            [
                "id": "'\(id)'", "pricing_provider_id": "'openai'", "upstream_model": "'x'", "rates": "'{}'",
                "provenance": "'test'", "effective_from": "0",
            ] + values)
    }

    static func row(_ table: String, _ values: [String: String]) -> String {
        let columns = values.sorted { $0.key < $1.key }
        return "INSERT INTO \(table) (\(columns.map(\.key).joined(separator: ", "))) "
            + "VALUES (\(columns.map(\.value).joined(separator: ", ")))"
    }

    private static let managed = [
        "managed_by": "'control_plane'", "version": "1", "created_at": "0", "updated_at": "0",
    ]
}

/// The right side's values override the left side's.
private func + (left: [String: String], right: [String: String]) -> [String: String] {
    left.merging(right) { $1 }
}
