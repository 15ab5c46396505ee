import Database
import Store
import Testing

/// The queries that the design names find their rows by an index and in their order, however many rows there are.
extension EngineSuites {
    @Suite struct SchemaPlanTests {
        private static let newestLogs = [
            "", "AND request_id = 'x'", "AND api_key_id = 'x'", "AND user_id = 'x'", "AND team_id = 'x'",
            "AND requested_model = 'x'", "AND provider_id = 'x'", "AND service = 'x'", "AND status >= 400",
            "AND end_reason <> 'complete'",
        ].map { "SELECT id FROM request_logs WHERE id < 'z' \($0) ORDER BY id DESC LIMIT 50" }

        private static let queries =
            newestLogs + [
                "SELECT id FROM request_log_tags WHERE key = 'a' AND value = 'b' AND id < 'z' ORDER BY id DESC LIMIT 50",
                "SELECT status FROM request_log_attempts WHERE id = 'x' ORDER BY attempt",
                "SELECT request FROM request_log_payloads WHERE id = 'x'",
                "SELECT id FROM api_keys WHERE public_id = 'x'", "SELECT id FROM api_keys WHERE user_id = 'x'",
                "SELECT id FROM api_keys WHERE team_id = 'x'", "SELECT hash FROM api_key_secrets WHERE key_id = 'x'",
                "SELECT id FROM api_keys WHERE created_at < 5 ORDER BY created_at DESC, id DESC LIMIT 50",
                "SELECT id FROM api_keys WHERE (created_at, id) < (5, 'x') ORDER BY created_at DESC, id DESC LIMIT 50",
                "SELECT id FROM api_keys WHERE (created_at, id) > (5, 'x') ORDER BY created_at, id LIMIT 50",
                "SELECT user_id FROM memberships WHERE team_id = 'x'",
                "SELECT user_id FROM sessions WHERE token_hash = 'x'", "SELECT id FROM sessions WHERE user_id = 'x'",
                "SELECT user_id FROM invitations WHERE token_hash = 'x'",
                "SELECT SUM(cost) FROM ledger WHERE admitted_at >= 1 AND admitted_at < 2",
                "SELECT SUM(cost) FROM ledger WHERE api_key_id = 'x' AND admitted_at >= 1 AND admitted_at < 2",
                "SELECT SUM(cost) FROM ledger WHERE user_id = 'x' AND admitted_at >= 1 AND admitted_at < 2",
                "SELECT SUM(cost) FROM ledger WHERE team_id = 'x' AND admitted_at >= 1 AND admitted_at < 2",
                "SELECT request_id FROM ledger_tags WHERE key = 'a' AND value = 'b'",
                "SELECT id FROM budgets WHERE user_id = 'x' AND retired_at IS NULL",
                "SELECT settled FROM budget_windows WHERE budget_id = 'x' AND starts_at = 0",
                "SELECT budget_id FROM holds WHERE replica_id = 'x'", "SELECT amount FROM holds WHERE request_id = 'x'",
                "SELECT id FROM replicas WHERE heartbeat_at < 5",
                "SELECT id FROM alert_deliveries WHERE status = 'pending' AND next_attempt_at < 5",
                """
                SELECT rates FROM model_pricing WHERE pricing_provider_id = 'a' AND upstream_model = 'b'
                AND effective_from <= 5 ORDER BY effective_from DESC LIMIT 1
                """,
                "SELECT id FROM audit_log WHERE at < 5 ORDER BY at DESC, id DESC LIMIT 50",
                "SELECT id FROM audit_log WHERE subject_id = 'x' AND at < 5 ORDER BY at DESC, id DESC LIMIT 50",
                "SELECT id FROM audit_log WHERE actor_name = 'x' AND at < 5 ORDER BY at DESC, id DESC LIMIT 50",
                "SELECT id FROM audit_log WHERE action = 'x' AND at < 5 ORDER BY at DESC, id DESC LIMIT 50",
            ]

        @Test(arguments: TestEngine.allCases)
        func `A query reads no whole table, and sorts nothing that grows`(engine: TestEngine) async throws {
            try await engine.withSchema { database in
                try await RequestLogPartitions.prepare(on: database, now: 1_700_000_000_000_000)
                for query in Self.queries {
                    let plan = try await plan(of: query, on: database)
                    let isBad = plan.contains { line in
                        line.contains("Seq Scan") || line.contains("Sort  (") || line.contains("TEMP B-TREE")
                            || (line.contains("SCAN ") && !line.contains("INDEX"))
                    }
                    #expect(!isBad, "\(query)\n\(plan.joined(separator: "\n"))")
                }
            }
        }

        private func plan(of query: String, on database: any Database) async throws -> [String] {
            try await database.read { connection in
                switch connection.dialect {
                case .sqlite:
                    return try connection.query("EXPLAIN QUERY PLAN \(query)").map { try $0.text("detail") }
                case .postgres:
                    // On empty tables everything else costs nothing.
                    for way in ["seqscan", "bitmapscan", "sort"] {
                        try connection.execute("SET LOCAL enable_\(way) = off")
                    }
                    return try connection.query("EXPLAIN \(query)").map { try $0.text("QUERY PLAN") }
                }
            }
        }
    }
}
