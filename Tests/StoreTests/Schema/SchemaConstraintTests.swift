import Database
import Testing

/// Invalid states, and similar valid ones.
extension EngineSuites {
    @Suite struct SchemaConstraintTests {
        private static let wrong: [(statements: [String], constraint: String)] = [
            ([Insert.budget("x", ["team_id": "'t1'"])], "budgets_team_id_key"),
            (
                [Insert.budget("x", ["user_id": "'u1'"]), Insert.budget("y", ["user_id": "'u1'"])],
                "budgets_user_id_key"
            ),
            (
                [Insert.budget("x", ["api_key_id": "'k1'"]), Insert.budget("y", ["api_key_id": "'k1'"])],
                "budgets_api_key_id_key"
            ),
            ([Insert.budget("x", [:])], "budgets_one_scope"),
            ([Insert.budget("x", ["user_id": "'u1'", "team_id": "'t1'"])], "budgets_one_scope"),
            ([Insert.budget("x", ["user_id": "'u1'", "amount": "-1"])], "budgets_amount"),
            ([Insert.budget("x", ["user_id": "'u1'", "cadence": "'hourly'"])], "budgets_cadence"),
            ([Insert.key("x", [:])], "api_keys_one_owner"),
            ([Insert.key("x", ["user_id": "'u1'", "team_id": "'t1'"])], "api_keys_one_owner"),
            ([Insert.key("x", ["team_id": "'t1'", "service_account_id": "'s1'"])], "api_keys_one_owner"),
            ([Insert.key("x", ["team_id": "'t1'", "parallel_requests": "0"])], "api_keys_parallel_requests"),
            ([Insert.key("x", ["team_id": "'t1'", "public_id": "'k1'"])], "api_keys_public_id_key"),
            ([Insert.membership("u1"), Insert.membership("u1")], "memberships_pkey"),
            ([Insert.membership("u1", ["role": "'guest'"])], "memberships_role"),
            ([Insert.team("x", ["key": "'system-legacy'"])], "teams_key_key"),
            ([Insert.team("x", ["managed_by": "'missing'"])], "teams_managed_by"),
            ([Insert.user("x", ["email": "'u1@example.com'"])], "users_email_key"),
            ([Insert.user("x", ["email": "'X@example.com'"])], "users_email_normalised"),
            ([Insert.user("x", ["status": "'gone'"])], "users_status"),
            ([Insert.user("x", ["auth_mode": "'oidc'"])], "users_oidc_provider"),
            ([Insert.user("x", ["is_bootstrap": "1"])], "users_bootstrap_role"),
            (
                ["x", "y"].map { Insert.user($0, ["is_bootstrap": "1", "global_role": "'platform_admin'"]) },
                "users_is_bootstrap_key"
            ),
            ([Insert.serviceAccount("x", name: "s1")], "service_accounts_team_id_name_key"),
            ([Insert.invitation("x"), Insert.invitation("y")], "invitations_user_id_key"),
            ([Insert.invitation("x", ["used_at": "1", "revoked_at": "1"])], "invitations_end"),
            ([Insert.model("x", ["alias_of": "'x'"])], "models_alias_of_itself"),
            ([Insert.route("x"), Insert.route("y")], "routes_model_id_position_key"),
            ([Insert.route("x", ["weight": "-0.5"])], "routes_weight"),
            ([Insert.route("x", ["position": "0"])], "routes_position"),
            ([Insert.price("x"), Insert.price("y")], "model_pricing_pricing_provider_id_upstream_model_key"),
            ([Insert.price("x", ["effective_until": "0"])], "model_pricing_span"),
            ([Insert.ledger(), Insert.ledger()], "ledger_pkey"),
            ([Insert.ledger(["pricing_status": "'unpriced'"])], "ledger_unpriced_reason"),
            ([Insert.ledger(["pricing_status": "'free'", "cost": "1"])], "ledger_cost_priced"),
            ([Insert.ledger(["output_text": "-1"])], "ledger_output_text"),
            ([Insert.hold(), Insert.hold()], "holds_pkey"),
            ([Insert.hold(["amount": "-1"])], "holds_amount"),
            ([Insert.alert("x"), Insert.alert("y")], "alerts_budget_id_window_starts_at_threshold_percent_key"),
            (["INSERT INTO change_version (id, version, routing_version) VALUES (2, 0, 0)"], "change_version_single"),
            (
                ["INSERT INTO database_identity (id, database_id) VALUES (2, 'other')"],
                "database_identity_single"
            ),
        ]

        @Test(arguments: TestEngine.allCases)
        func `A wrong state is refused by the name of its rule`(engine: TestEngine) async throws {
            try await engine.withSchema { database in
                for (statements, constraint) in Self.wrong {
                    let error = try await databaseError {
                        try await database.write { connection in
                            for statement in statements { try connection.execute(statement) }
                        }
                    }
                    #expect(error == .constraint(name: constraint), "\(statements)")
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `What refers to nothing is refused`(engine: TestEngine) async throws {
            let orphans = [
                Insert.key("x", ["user_id": "'missing'"]), Insert.membership("missing"),
                Insert.membership("u1", ["team_id": "'none'"]), Insert.budget("x", ["user_id": "'missing'"]),
                Insert.route("x", ["provider_id": "'none'"]), Insert.model("x", ["alias_of": "'none'"]),
                Insert.hold(["window_starts_at": "7"]),
            ]
            try await engine.withSchema { database in
                for orphan in orphans {
                    let error = try await databaseError { try await database.write { try $0.execute(orphan) } }
                    guard case .constraint = error else {
                        Issue.record("\(orphan): \(String(describing: error))")
                        continue
                    }
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `What is right is accepted`(engine: TestEngine) async throws {
            try await engine.withSchema { database in
                try await database.write { connection in
                    for statement in [
                        "UPDATE budgets SET retired_at = 1 WHERE id = 'b1'", Insert.budget("b2", ["team_id": "'t1'"]),
                        Insert.budget("b3", ["service_account_id": "'s1'"]),
                        Insert.key("k2", ["service_account_id": "'s1'"]),
                        Insert.invitation("i1", ["used_at": "1"]), Insert.invitation("i2"),
                        // The target may come later in the transaction.
                        Insert.model("a1", ["alias_of": "'a2'"]), Insert.model("a2", ["alias_of": "'m1'"]),
                        Insert.route("r1"), Insert.route("r2", ["position": "2"]),
                        Insert.price("p1", ["effective_until": "5"]), Insert.price("p2", ["effective_from": "5"]),
                        Insert.ledger(["pricing_status": "'unpriced'", "unpriced_reason": "'no_price'"]),
                        Insert.ledger(["attempt": "2", "cost": "7", "usage_source": "'provider_final'"]),
                    ] {
                        try connection.execute(statement)
                    }
                }
            }
        }
    }
}
