import Database
import GatewayConfig
import GatewayCore
import Provisioning
import Store
import Testing

@Suite struct BootstrapAdminTests {
    @Test func `It is made once, and never touched again`() async throws {
        try await withStore { store, database in
            let first = try await ensure("first", in: store)
            #expect(first == .created(email: "admin@local", mustChangePassword: true))
            let before = try await Traces(store, database)
            #expect(try await ensure("second", in: store) == .exists(email: "admin@local", mustChangePassword: true))
            #expect(try await Traces(store, database) == before)
            let row = try await database.read {
                try $0.query("SELECT hash FROM passwords p JOIN users u ON u.id = p.user_id WHERE u.is_bootstrap = 1")[
                    0]
            }
            let hash = try #require(PasswordHash(stored: try row.text("hash")))
            #expect(try hash.matches(Secret("first")))
            let admin = try await store.read { try $0.user(email: "admin@local") }
            #expect(admin?.status == .active && admin?.definition.globalRole == .platformAdmin)
        }
    }

    @Test func `Many at once make one`() async throws {
        try await withStore { store, _ in
            let outcomes = try await withThrowingTaskGroup(of: BootstrapAdmin.Outcome.self) { group in
                for _ in 0..<10 { group.addTask { try await ensure("x", in: store) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { if case .created = $0 { true } else { false } } == 1)
        }
    }

    @Test func `An administrator who can sign in is enough, one who is only invited is not`() async throws {
        try await withStore { store, database in
            try await database.write {
                try $0.execute("UPDATE users SET global_role = 'platform_admin', status = 'invited'")
            }
            #expect(try await ensure(nil, in: store) == .disabled(hasAdmin: false))
            try await database.write { try $0.execute("UPDATE users SET status = 'active'") }
            #expect(try await ensure("x", in: store) == .notNeeded(admins: ["ann@example.com"]))
            #expect(try await ensure(nil, in: store) == .disabled(hasAdmin: true))
        }
    }

    @Test func `An address of another user is refused`() async throws {
        try await withStore { store, database in
            let before = try await Traces(store, database)
            await #expect(throws: SeedError.bootstrapEmailTaken("ann@example.com")) {
                try await ensure("x", email: "ann@example.com", in: store)
            }
            #expect(try await Traces(store, database) == before)
        }
    }

    /// - Parameter password: nil for a disabled bootstrap administrator.
    private func ensure(
        _ password: String?, email: String = "admin@local", in store: GatewayStore
    ) async throws -> BootstrapAdmin.Outcome {
        let text = """
            auth:
              bootstrap_admin: { enabled: \(password != nil), email: "\(email)", password: literal.\(password ?? "x") }
            providers: [{ id: sim, type: simulator }]
            models: [{ id: m, routes: [{ provider: sim }] }]
            """
        let loaded = try GatewayConfiguration.parse(text: text, file: "gateway.yaml", environment: [:]) { _ in "" }
        return try await BootstrapAdmin(loaded.configuration.auth.bootstrapAdmin, cost: .weak).ensure(in: store)
    }
}
