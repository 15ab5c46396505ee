import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// Lists of keys: pages and filters, on every engine.
    @Suite struct KeyListTests {
        private let ann = AuditActor(kind: .command, name: "ann")

        @Test(arguments: TestEngine.allCases, [PageRequest.Order.oldestFirst, .newestFirst])
        func `Pages follow each other without a gap or a repetition, whatever is added or revoked meanwhile`(
            engine: TestEngine, order: PageRequest.Order
        ) async throws {
            try await engine.withStore { store, _ in
                var created: [String] = []
                for name in ["one", "two", "three", "four", "five"] {
                    created.append(try await create(name, in: store).publicID)
                }
                var found: [String] = []
                var page = try await store.keys.list(.all, page: PageRequest(limit: 2, order: order))
                #expect(page.items.count == 2)
                found += page.items.map(\.publicID)
                _ = try await store.keys.revoke(publicID: found[1], actor: ann)
                // Newer than all others, so only one order comes to it.
                let late = try await create("late", in: store).publicID
                while let cursor = page.next {
                    let copy = try #require(PageCursor(cursor.text))
                    page = try await store.keys.list(.all, page: PageRequest(after: copy, limit: 2, order: order))
                    found += page.items.map(\.publicID)
                }
                #expect(found == (order == .oldestFirst ? created + [late] : created.reversed()))
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A page that ends with the list has no next one`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                #expect(try await store.keys.list(.all, page: PageRequest()) == Page(items: [], next: nil))
                let keys = [try await create("a", in: store), try await create("b", in: store)]
                #expect(try await store.keys.list(.all, page: PageRequest(limit: 2)) == Page(items: keys, next: nil))
                #expect(try await store.keys.list(.all, page: PageRequest(limit: 1)).next != nil)
                #expect(try await store.keys.all(pageLimit: 1) == keys)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Keys of one moment keep an order over pages`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let created = try await store.transaction(by: ann) { transaction in
                    try ["a", "b", "c", "d", "e"].map { name in
                        try transaction.createKey(
                            NewKey(
                                name: name, owner: .team("core"), grant: .all, expiresAt: nil,
                                token: makeToken(name), managedBy: .controlPlane))
                    }
                }
                #expect(Set(created.map(\.createdAt)).count == 1)
                #expect(try await store.keys.all(pageLimit: 2) == created)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A filter keeps the keys to which all of it applies`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let annsOwner = KeyOwner.user("ann@example.com")
                _ = try await create("laptop", owner: annsOwner, in: store)
                _ = try await create("over", owner: annsOwner, expiresAt: 5, in: store)
                _ = try await create("later", expiresAt: .max, in: store)
                let gone = try await create("gone", expiresAt: 5, in: store)
                _ = try await store.keys.revoke(publicID: gone.publicID, actor: ann)
                let cases: [(filter: KeyFilter, names: [String])] = [
                    (.all, ["laptop", "over", "later", "gone"]),
                    (KeyFilter(owner: annsOwner), ["laptop", "over"]),
                    (KeyFilter(owner: .team("core")), ["later", "gone"]),
                    (KeyFilter(owner: .user("missing@example.com")), []),
                    (KeyFilter(owner: .team("ann@example.com")), []),
                    (KeyFilter(status: .active), ["laptop", "later"]),
                    (KeyFilter(status: .expired), ["over"]),
                    (KeyFilter(status: .revoked), ["gone"]),
                    (KeyFilter(owner: annsOwner, status: .active), ["laptop"]),
                    (KeyFilter(owner: annsOwner, status: .active, text: "x"), []),
                ]
                for (filter, names) in cases {
                    #expect(try await store.keys.all(filter).map(\.name) == names, "\(filter)")
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A key expires at its time, and not before`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let key = try await create("k", expiresAt: 100, in: store)
                for (now, status) in [(99, KeyFilter.Status.active), (100, .expired)] {
                    let found = try await store.read { reader in
                        try KeyFilter.Status.allCases.filter {
                            try reader.keys(KeyFilter(status: $0), page: PageRequest(), now: Int64(now)).items == [key]
                        }
                    }
                    #expect(found == [status])
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A text is found in names and public ids, as it is written but for capitals`(
            engine: TestEngine
        ) async throws {
            try await engine.withStore { store, _ in
                for (name, publicID) in [("Build 100%", "abc"), ("build_1", "XyZ"), (#"a\b!"#, "q"), ("Größe", "r")] {
                    _ = try await create(name, publicID: publicID, in: store)
                }
                let cases: [(text: String, names: [String])] = [
                    ("BUILD", ["Build 100%", "build_1"]), ("0%", ["Build 100%"]), ("%", ["Build 100%"]),
                    ("_", ["build_1"]), ("xyz", ["build_1"]), (#"\"#, [#"a\b!"#]), ("b!", [#"a\b!"#]),
                    ("größe", ["Größe"]), ("GRÖßE", []), ("'", []), ("", ["Build 100%", "build_1", #"a\b!"#, "Größe"]),
                ]
                for (text, names) in cases {
                    #expect(try await store.keys.all(KeyFilter(text: text)).map(\.name) == names, "\(text)")
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A name finds exactly its keys`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let first = try await create("ci", publicID: "a", in: store)
                _ = try await create("ci2", publicID: "b", in: store)
                let second = try await create("ci", publicID: "c", in: store)
                #expect(try await store.keys.find(named: "ci") == [first, second])
                #expect(try await store.keys.find(named: "CI").isEmpty)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A list has what each key may reach, and what its team and user may`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                try await database.write { connection in
                    try connection.executeScript(
                        """
                        INSERT INTO memberships (user_id, team_id, role, managed_by, version, created_at, updated_at)
                        VALUES ('u1', 't1', 'member', 'file', 1, 0, 0);
                        UPDATE teams SET all_models = 0 WHERE id = 't1';
                        INSERT INTO team_models (team_id, model_id) VALUES ('t1', 'm1'), ('t1', 'm2');
                        UPDATE users SET all_models = 0 WHERE id = 'u1';
                        INSERT INTO user_models (user_id, model_id) VALUES ('u1', 'm2'), ('u1', 'm3');
                        """)
                }
                let mine = try await create(
                    "mine", owner: .user("ann@example.com"), grant: .listed(["m2", "m9"]), in: store)
                _ = try await create("ours", in: store)
                _ = try await create("free", owner: .systemLegacy, in: store)
                let keys = try await store.keys.all()
                #expect(
                    keys[0].access.limits == [
                        ModelAccess.Limit(.key, .listed(["m2", "m9"])),
                        ModelAccess.Limit(.team("core"), .listed(["m1", "m2"])),
                        ModelAccess.Limit(.user("ann@example.com"), .listed(["m2", "m3"])),
                    ])
                #expect(keys[1].access.limits == [ModelAccess.Limit(.team("core"), .listed(["m1", "m2"]))])
                #expect(keys[2].access.limits.isEmpty)
                #expect(try await store.keys.find(publicID: mine.publicID) == keys[0])
            }
        }

        @Test func `A limit outside of what is allowed counts as the nearest one`() {
            #expect([-1, 0, 1, 77, 501, .max].map { PageRequest(limit: $0).limit } == [1, 1, 1, 77, 500, 500])
        }

        @Test func `A text that is no cursor is refused`() {
            for text in ["", ".", "1", "1.", ".a", "a.b", "1.\u{0}", "1." + String(repeating: "x", count: 65)] {
                #expect(PageCursor(text) == nil, "\(text)")
            }
            #expect(PageCursor("-5.a.b")?.text == "-5.a.b")
        }

        private func create(
            _ name: String, publicID: String? = nil, owner: KeyOwner = .team("core"), grant: ModelGrant = .all,
            expiresAt: Int64? = nil, in store: GatewayStore
        ) async throws -> KeyRecord {
            try await store.keys.create(
                name: name, owner: owner, grant: grant, expiresAt: expiresAt, token: makeToken(publicID ?? name),
                actor: ann)
        }
    }
}
