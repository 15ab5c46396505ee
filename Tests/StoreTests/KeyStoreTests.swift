import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// Keys and their audit trail, on every engine.
    @Suite struct KeyStoreTests {
        private let ann = AuditActor(kind: .command, name: "ann")

        @Test(arguments: TestEngine.allCases)
        func `A created key is found and listed as it was made`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let token = makeToken("first")
                let created = try await store.keys.create(
                    name: "build", owner: .user("ann@example.com"), grant: .listed(["fast", "openai/gpt"]),
                    expiresAt: 900,
                    token: token, actor: ann)
                #expect(created.publicID == token.publicID)
                #expect(created.name == "build")
                #expect(created.owner == .user("ann@example.com"))
                #expect(created.grant == .listed(["fast", "openai/gpt"]))
                #expect(created.secrets == [KeySecret(hash: SecretHash(of: token.secret))])
                #expect(created.expiresAt == 900)
                #expect(created.revokedAt == nil)
                #expect(created.lastUsedAt == nil)
                #expect(try await store.keys.find(publicID: token.publicID) == created)
                #expect(try await store.keys.all() == [created])
                #expect(throws: Never.self) { try KeyVerifier.verify(token, against: created, now: 899) }
            }
        }

        /// The ledger has them, so that spend is reported by owner.
        @Test(arguments: TestEngine.allCases)
        func `A key counts for its user, or for its team`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let users = try await database.read {
                    try $0.query("SELECT id FROM users WHERE email = 'ann@example.com'")
                }
                let teams = try await database.read { try $0.query("SELECT id FROM teams WHERE key = 'system-legacy'") }
                for (number, owner) in [KeyOwner.user("ann@example.com"), .systemLegacy].enumerated() {
                    let key = try await store.keys.create(
                        name: "key \(number)", owner: owner, grant: .all, expiresAt: nil,
                        token: makeToken("owned\(number)"), actor: ann)
                    let user = try users.first?.text("id")
                    let team = try teams.first?.text("id")
                    #expect(key.caller.userID == (number == 0 ? user : nil))
                    #expect(number == 0 || key.caller.teamID == team && team != nil)
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A grant of nothing is not a grant of all`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let none = try await create(makeToken("none"), grant: .listed([]), in: store)
                let all = try await create(makeToken("all"), grant: .all, in: store)
                #expect(none.grant == .listed([]))
                #expect(all.grant == .all)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Each key keeps its own secrets and models in the list, oldest first`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                var created: [KeyRecord] = []
                for name in ["zeta", "alpha", "mu"] {
                    created.append(try await create(makeToken(name), name: name, grant: .listed([name]), in: store))
                }
                #expect(try await store.keys.all() == created)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `An unknown key is nil`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let found = try await store.keys.find(publicID: "absent00")
                let revoked = try await store.keys.revoke(publicID: "absent00", actor: ann)
                #expect(found == nil)
                #expect(revoked == nil)
                #expect(try await auditRows(database).isEmpty)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A taken public id is refused, and leaves neither audit nor version`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let token = makeToken("same")
                let first = try await create(token, name: "first", in: store)
                let version = try await store.changeVersion()
                await #expect(throws: StoreError.duplicatePublicID(token.publicID)) {
                    try await create(token, name: "second", in: store)
                }
                #expect(try await store.keys.all() == [first])
                #expect(try await auditRows(database).count == 1)
                #expect(try await store.changeVersion() == version)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Keys of the control plane may share a name, keys of the file may not`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                _ = try await create(makeToken("a"), name: "ci", in: store)
                _ = try await create(makeToken("b"), name: "ci", in: store)
                let file = [makeToken("c"), makeToken("d")].map { token in
                    NewKey(
                        name: "ci", owner: .systemLegacy, grant: .all, expiresAt: nil, token: token, managedBy: .file)
                }
                try await store.transaction(by: ann) { try $0.createKey(file[0]) }
                await #expect(throws: StoreError.duplicateName("ci")) {
                    try await store.transaction(by: ann) { try $0.createKey(file[1]) }
                }
                _ = try await store.keys.revoke(publicID: file[0].token.publicID, actor: ann)
                try await store.transaction(by: ann) { try $0.createKey(file[1]) }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A second revoke keeps the first time and is no change`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let token = makeToken("gone")
                _ = try await create(token, in: store)
                let first = try #require(try await store.keys.revoke(publicID: token.publicID, actor: ann))
                #expect(first.revokedAt != nil)
                let version = try await store.changeVersion()
                #expect(try await store.keys.revoke(publicID: token.publicID, actor: ann) == first)
                #expect(try await store.changeVersion() == version)
                #expect(try await auditRows(database).map(\.action) == ["api_key.create", "api_key.revoke"])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Last use only moves forward, passes over unknown keys, and is no change`(engine: TestEngine) async throws
        {
            try await engine.withStore { store, database in
                let (one, two) = (makeToken("one"), makeToken("two"))
                _ = try await create(one, in: store)
                _ = try await create(two, in: store)
                let version = try await store.changeVersion()
                try await store.keys.touch([one.publicID: 500, two.publicID: 100, "absent00": 1])
                try await store.keys.touch([one.publicID: 400, two.publicID: 101])
                try await store.keys.touch([:])
                #expect(try await store.keys.find(publicID: one.publicID)?.lastUsedAt == 500)
                #expect(try await store.keys.find(publicID: two.publicID)?.lastUsedAt == 101)
                #expect(try await store.changeVersion() == version)
                #expect(try await auditRows(database).count == 2)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Every change says who, when, what, before and after`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let token = makeToken("audited")
                let key = try await create(token, name: "old", grant: .listed(["b", "a"]), in: store)
                let file = AuditActor(kind: .file, name: "gateway.yaml")
                try await store.transaction(by: file) { transaction in
                    try transaction.changeKeys([
                        KeyChange(of: key, expecting: nil, name: "new", owner: .team("core"), grant: .all)
                    ])
                }
                let rows = try await auditRows(database)
                #expect(rows.map(\.actor) == ["command:ann", "file:gateway.yaml"])
                #expect(rows.map(\.action) == ["api_key.create", "api_key.update"])
                #expect(rows.map(\.subject) == [key.id, key.id])
                #expect(rows[0].at == key.createdAt)
                #expect(rows[0].at < rows[1].at)
                let old = """
                    {"models":["a","b"],"name":"old","owner":"team:system-legacy","public_id":"\(token.publicID)"}
                    """
                let new = """
                    {"name":"new","owner":"team:core","public_id":"\(token.publicID)"}
                    """
                #expect(rows[0].before == nil)
                #expect(rows[0].after == old)
                #expect(rows[1].before == old)
                #expect(rows[1].after == new)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A mutation that fails takes its audit rows with it`(engine: TestEngine) async throws {
            struct Own: Error {}
            try await engine.withStore { store, database in
                let new = NewKey(
                    name: "x", owner: .systemLegacy, grant: .all, expiresAt: nil, token: makeToken("x"),
                    managedBy: .file)
                await #expect(throws: Own.self) {
                    try await store.transaction(by: ann) { transaction in
                        try transaction.createKey(new)
                        throw Own()
                    }
                }
                let left = try await store.keys.all()
                #expect(left.isEmpty)
                #expect(try await auditRows(database).isEmpty)
                #expect(try await store.changeVersion().any == 0)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `When the audit row cannot be written, the change does not happen`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let token = makeToken("kept")
                _ = try await create(token, in: store)
                try await database.write { try $0.execute("ALTER TABLE audit_log RENAME TO audit_log_away") }
                await #expect(throws: StoreError.self) {
                    try await store.keys.revoke(publicID: token.publicID, actor: ann)
                }
                #expect(try await store.keys.find(publicID: token.publicID)?.revokedAt == nil)
                #expect(try await store.changeVersion().any == 1)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Names may be exchanged between keys of the file`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let stored = try await store.transaction(by: ann) { transaction in
                    try ["a", "b"].map { name in
                        try transaction.createKey(
                            NewKey(
                                name: name, owner: .systemLegacy, grant: .all, expiresAt: nil, token: makeToken(name),
                                managedBy: .file))
                    }
                }
                try await store.transaction(by: ann) { transaction in
                    try transaction.changeKeys([
                        KeyChange(of: stored[0], expecting: nil, name: "b", owner: .systemLegacy, grant: .all),
                        KeyChange(
                            of: stored[1], expecting: nil, name: "a", owner: .systemLegacy, grant: .listed(["m"])),
                    ])
                }
                let first = try await store.keys.find(publicID: stored[0].publicID)
                let second = try await store.keys.find(publicID: stored[1].publicID)
                #expect(first?.name == "b" && first?.grant == .all)
                #expect(second?.name == "a" && second?.grant == .listed(["m"]))
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A hundred creates at once all count`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 100..<200 {
                        group.addTask { _ = try await create(makeToken("k\(number)"), in: store) }
                    }
                    try await group.waitForAll()
                }
                #expect(try await store.keys.all().count == 100)
                #expect(try await auditRows(database).count == 100)
                #expect(try await store.changeVersion().any == 100)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A hundred revokes of one key at once are one revoke`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let token = makeToken("popular")
                _ = try await create(token, in: store)
                let times = try await withThrowingTaskGroup(of: Int64?.self) { group in
                    for _ in 0..<100 {
                        group.addTask { try await store.keys.revoke(publicID: token.publicID, actor: ann)?.revokedAt }
                    }
                    return try await group.reduce(into: Set<Int64?>()) { $0.insert($1) }
                }
                #expect(times.count == 1)
                #expect(times.first != .some(nil))
                #expect(try await auditRows(database).count == 2)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Secrets are in no table`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let token = makeToken("canary", secret: "canary-secret-0123456789-0123456789")
                let key = try await create(token, in: store)
                try await store.transaction(by: ann) { transaction in
                    try transaction.replaceSecrets(
                        of: key, expecting: nil, with: Secret("canary-secret-of-another-kind"))
                }
                _ = try await store.keys.revoke(publicID: token.publicID, actor: ann)
                let hash = try #require(SecretHash(of: token.secret).stored.split(separator: ":").last)
                for row in try await auditRows(database) {
                    #expect(!"\(row)".contains("canary-secret"))
                    #expect(!"\(row)".contains(hash))
                }
                let rows = try await database.read { try $0.query("SELECT hash FROM api_key_secrets") }
                let stored = try rows.map { row in try row.text("hash") }
                // The former one is kept as a hash, by which an old file is recognized.
                let secrets = [token.secret, Secret("canary-secret-of-another-kind")]
                #expect(stored.sorted() == secrets.map { SecretHash(of: $0).stored }.sorted())
            }
        }

        private func create(
            _ token: APIKeyToken, name: String = "test", grant: ModelGrant = .all, in store: GatewayStore
        ) async throws -> KeyRecord {
            try await store.keys.create(
                name: name, owner: .systemLegacy, grant: grant, expiresAt: nil, token: token, actor: ann)
        }
    }
}
