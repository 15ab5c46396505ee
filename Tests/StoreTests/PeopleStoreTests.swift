import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// Teams, users and what follows from them for keys, on every engine.
    @Suite struct PeopleStoreTests {
        private let admin = AuditActor(
            kind: .user, name: "ops@example.com", userID: "u9", address: "192.0.2.1", requestID: "req-1")

        @Test(arguments: TestEngine.allCases)
        func `A team is created and changed as it is said, each change with its version and audit row`(
            engine: TestEngine
        ) async throws {
            try await engine.withStore { store, database in
                let first = TeamDefinition(key: "ops", name: "Ops", allowedModels: .all)
                let second = TeamDefinition(key: "ops", name: "Operations", allowedModels: .listed(["b", "a"]))
                let created = try await store.transaction(by: admin) { try $0.createTeam(first, managedBy: .file) }
                #expect(created.definition == first && created.isActive && created.version == 1)
                let changed = try await store.transaction(by: admin) {
                    try $0.changeTeam(created, expecting: nil, to: second, managedBy: .controlPlane)
                }
                #expect(changed.definition == second && changed.version == 2 && changed.managedBy == .controlPlane)
                let version = try await store.changeVersion()
                let again = try await store.transaction(by: admin) {
                    try $0.changeTeam(changed, expecting: nil, to: second, managedBy: .controlPlane)
                }
                #expect(again == changed)
                #expect(try await store.changeVersion() == version)
                #expect(try await store.read { try $0.team(key: "ops") } == changed)
                #expect(
                    try await store.read { try $0.teams() }.map(\.definition.key) == ["core", "ops", "system-legacy"])
                let rows = try await auditRows(database)
                #expect(rows.map(\.action) == ["team.create", "team.update"])
                #expect(
                    rows[1].after == """
                        {"key":"ops","managed_by":"control_plane","models":["a","b"],"name":"Operations","status":"active"}
                        """)
                await #expect(throws: StoreError.duplicateTeam("ops")) {
                    try await store.transaction(by: admin) { try $0.createTeam(first, managedBy: .file) }
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The audit trail says from where and by which request`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let team = TeamDefinition(key: "ops", name: "Ops", allowedModels: .all)
                try await store.transaction(by: admin) { try $0.createTeam(team, managedBy: .file) }
                let row = try await database.read {
                    try $0.query("SELECT actor_kind, actor_id, address, request_id FROM audit_log")[0]
                }
                #expect(try row.text("actor_kind") == "user")
                #expect(try row.text("actor_id") == "u9")
                #expect(try row.text("address") == "192.0.2.1")
                #expect(try row.text("request_id") == "req-1")
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A user starts invited, moves between teams, and keeps the way to sign in once it was used`(
            engine: TestEngine
        ) async throws {
            try await engine.withStore { store, database in
                let created = try await store.transaction(by: admin) { transaction in
                    try transaction.createUser(
                        user("bea", mode: .password), membership: Membership(team: "core", role: .member),
                        managedBy: .file)
                }
                #expect(created.status == .invited && created.membership == Membership(team: "core", role: .member))
                let lead = Membership(team: "system-legacy", role: .owner)
                let moved = try await store.transaction(by: admin) {
                    try $0.changeUser(
                        created, expecting: nil, to: user("bea", mode: .oidc), membership: lead, managedBy: .file)
                }
                #expect(moved.membership == lead && moved.definition.authMode == .oidc)
                let kept = try await store.transaction(by: admin) {
                    try $0.changeUser(moved, expecting: nil, to: moved.definition, membership: nil, managedBy: .file)
                }
                #expect(kept == moved)

                try await database.write { try $0.execute("UPDATE users SET status = 'active' WHERE name = 'bea'") }
                let active = try #require(try await store.read { try $0.user(email: "bea@example.com") })
                await #expect(throws: StoreError.authModeFixed("bea@example.com")) {
                    try await store.transaction(by: admin) {
                        try $0.changeUser(
                            active, expecting: nil, to: user("bea", mode: .password), membership: nil, managedBy: .file)
                    }
                }
                await #expect(throws: StoreError.noSuchTeam("none")) {
                    try await store.transaction(by: admin) {
                        try $0.createUser(
                            user("cy"), membership: Membership(team: "none", role: .member), managedBy: .file)
                    }
                }
                #expect(try await auditRows(database).map(\.action) == ["user.create", "user.update"])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A key works as long as its owner does`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                try await store.transaction(by: admin) { transaction in
                    try transaction.createUser(
                        user("bea"), membership: Membership(team: "core", role: .member), managedBy: .controlPlane)
                }
                let (mine, ours) = (makeToken("mine"), makeToken("ours"))
                for (token, owner) in [(mine, KeyOwner.user("bea@example.com")), (ours, .team("core"))] {
                    _ = try await store.keys.create(
                        name: "k", owner: owner, grant: .all, expiresAt: nil, token: token, actor: admin)
                }
                let steps: [(sql: String, mine: Bool, ours: Bool)] = [
                    ("UPDATE users SET status = 'invited' WHERE name = 'bea'", false, true),
                    ("UPDATE users SET status = 'active' WHERE name = 'bea'", true, true),
                    ("UPDATE teams SET status = 'inactive' WHERE key = 'core'", false, false),
                    ("DELETE FROM memberships", true, false),
                    ("UPDATE users SET status = 'disabled' WHERE name = 'bea'", false, false),
                ]
                for step in steps {
                    try await database.write { try $0.execute(step.sql) }
                    let states = try await [mine, ours].asyncMap { try await store.keys.find(publicID: $0.publicID) }
                    #expect(states.map { $0?.isOwnerActive } == [step.mine, step.ours], "\(step.sql)")
                }
                let refused = try await store.keys.find(publicID: mine.publicID)
                #expect { try KeyVerifier.verify(mine, against: refused, now: 0) } throws: { error in
                    (error as? GatewayError)?.code == .ownerInactive
                }
                await #expect(throws: StoreError.noSuchOwner(.team("none"))) {
                    try await store.keys.create(
                        name: "k", owner: .team("none"), grant: .all, expiresAt: nil, token: makeToken("x"),
                        actor: admin)
                }
            }
        }

        private func user(_ name: String, mode: AuthMode = .password) -> UserDefinition {
            UserDefinition(
                email: "\(name)@example.com", name: name, authMode: mode,
                oidcProviderKey: mode == .oidc ? "okta" : nil, globalRole: .user, isRequestLoggingEnabled: true,
                allowedModels: .all)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
