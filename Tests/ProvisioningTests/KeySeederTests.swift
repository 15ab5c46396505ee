import Database
import GatewayCore
import Provisioning
import Store
import Testing

/// The rules of configuration.md, Ownership and seeding.
@Suite struct KeySeederTests {
    private let ann = AuditActor(kind: .command, name: "ann")

    @Test func `A listed key is created as the file says`() async throws {
        try await withStore { store, database in
            let entry = seed("ci", "value1", grant: .listed(["fast"]), owner: .team("core"))
            let outcome = try await seedKeys([entry], into: store)
            #expect(outcome.created == ["ci"])
            let key = try #require(try await store.keys.find(publicID: publicID("value1")))
            #expect(key.name == "ci")
            #expect(key.grant == .listed(["fast"]))
            #expect(key.owner == .team("core"))
            #expect(throws: Never.self) { try KeyVerifier.verify(entry.token, against: key, now: key.createdAt) }
            let actors = try await database.read { try $0.query("SELECT actor_kind, actor_name FROM audit_log") }
            #expect(try actors.map { row in try row.text("actor_kind") } == ["file"])
            let managers = try await database.read { try $0.query("SELECT managed_by FROM api_keys") }
            #expect(try managers.map { row in try row.text("managed_by") } == ["file"])
        }
    }

    @Test func `A second run changes nothing`() async throws {
        try await withStore { store, database in
            let seeds = [seed("a", "value1"), seed("b", "value2", grant: .listed(["x", "y"]))]
            _ = try await seedKeys(seeds, into: store)
            let before = try await Traces(store, database)
            let outcome = try await seedKeys(seeds.reversed(), into: store)
            #expect(outcome.unchanged == ["a", "b"])
            #expect(!outcome.isChanged)
            #expect(try await Traces(store, database) == before)
        }
    }

    @Test func `A new value revokes the old one`() async throws {
        try await withStore { store, _ in
            _ = try await seedKeys([seed("ci", "value1")], into: store)
            let outcome = try await seedKeys([seed("ci", "value2")], into: store)
            #expect(outcome.created == ["ci"])
            #expect(outcome.replaced == ["ci"])
            #expect(try await store.keys.find(publicID: publicID("value1"))?.revokedAt != nil)
            #expect(try await store.keys.find(publicID: publicID("value2"))?.revokedAt == nil)
        }
    }

    @Test func `A new secret under the same public id replaces the old secret`() async throws {
        try await withStore { store, _ in
            let old = seed("ci", "value1")
            let new = seed("ci", "value1", secret: "fedcba9876543210fedcba9876543210")
            _ = try await seedKeys([old], into: store)
            let outcome = try await seedKeys([new], into: store)
            #expect(outcome.updated == ["ci"])
            let key = try #require(try await store.keys.find(publicID: publicID("value1")))
            #expect(throws: KeyVerifier.invalid) { try KeyVerifier.verify(old.token, against: key, now: 2_000_000) }
            #expect(throws: Never.self) { try KeyVerifier.verify(new.token, against: key, now: 2_000_000) }
        }
    }

    /// A replica that starts again during a rolling update reads its old file.
    @Test(arguments: [0, 60_000_000] as [Int64])
    func `An old file does not end the newer value`(overlap: Int64) async throws {
        try await withStore { store, database in
            let (old, new) = ([seed("ci", "value1")], [seed("ci", "value2")])
            _ = try await seedKeys(old, overlap: overlap, into: store)
            let replaced = try await seedKeys(new, overlap: overlap, into: store)
            #expect(replaced.replaced == ["ci"])
            let before = try await Traces(store, database)
            let outcome = try await seedKeys(old, overlap: overlap, into: store)
            #expect(!outcome.isChanged)
            #expect((overlap > 0 ? outcome.superseded : outcome.stillRevoked) == ["ci"])
            #expect(try await Traces(store, database) == before)
            let key = try #require(try await store.keys.find(publicID: publicID("value2")))
            #expect(throws: Never.self) { try KeyVerifier.verify(new[0].token, against: key, now: 3_000_000) }
        }
    }

    @Test func `A replaced value stays valid for the overlap`() async throws {
        try await withStore { store, _ in
            let old = seed("ci", "value1")
            _ = try await seedKeys([old], overlap: 60_000_000, into: store)
            _ = try await seedKeys([seed("ci", "value2")], overlap: 60_000_000, into: store)
            let key = try #require(try await store.keys.find(publicID: publicID("value1")))
            #expect(throws: Never.self) { try KeyVerifier.verify(old.token, against: key, now: 50_000_000) }
            #expect(throws: GatewayError.self) { try KeyVerifier.verify(old.token, against: key, now: 62_000_000) }
            let third = try await seedKeys([seed("ci", "value3")], overlap: 60_000_000, into: store)
            #expect(third.replaced == ["ci"], "only the value in effect is replaced")
        }
    }

    @Test func `A replaced secret stays valid for the overlap, and does not come back`() async throws {
        try await withStore { store, database in
            let old = seed("ci", "value1")
            let new = seed("ci", "value1", secret: "fedcba9876543210fedcba9876543210")
            _ = try await seedKeys([old], overlap: 60_000_000, into: store)
            _ = try await seedKeys([new], overlap: 60_000_000, into: store)
            let before = try await Traces(store, database)
            #expect(try await seedKeys([old], overlap: 60_000_000, into: store).superseded == ["ci"])
            #expect(try await Traces(store, database) == before)
            let key = try #require(try await store.keys.find(publicID: publicID("value1")))
            #expect(throws: Never.self) { try KeyVerifier.verify(old.token, against: key, now: 50_000_000) }
            #expect(throws: Never.self) { try KeyVerifier.verify(new.token, against: key, now: 50_000_000) }
            #expect(throws: KeyVerifier.invalid) { try KeyVerifier.verify(old.token, against: key, now: 62_000_000) }
        }
    }

    @Test func `A revoked key stays revoked, and comes back under a new value`() async throws {
        try await withStore { store, database in
            _ = try await seedKeys([seed("ci", "value1")], into: store)
            let revoked = try await store.keys.revoke(publicID: publicID("value1"), actor: ann)
            let before = try await Traces(store, database)
            let other = seed("ci", "value1", secret: "fedcba9876543210fedcba9876543210", grant: .listed([]))
            let outcome = try await seedKeys([other], into: store)
            #expect(outcome.stillRevoked == ["ci"])
            #expect(!outcome.isChanged)
            #expect(try await store.keys.find(publicID: publicID("value1")) == revoked)
            #expect(try await Traces(store, database) == before)
            #expect(try await seedKeys([seed("ci", "value2")], into: store).created == ["ci"])
            #expect(try await store.keys.find(publicID: publicID("value2"))?.revokedAt == nil)
        }
    }

    @Test func `A key that is no longer listed is left alone and reported`() async throws {
        try await withStore { store, database in
            _ = try await seedKeys([seed("a", "value1"), seed("b", "value2")], into: store)
            let before = try await Traces(store, database)
            let outcome = try await seedKeys([seed("a", "value1")], into: store)
            #expect(outcome.unlisted == ["b"])
            #expect(try await store.keys.find(publicID: publicID("value2"))?.revokedAt == nil)
            #expect(try await Traces(store, database) == before)
        }
    }

    @Test func `Owner, grant and name follow the file`() async throws {
        try await withStore { store, _ in
            _ = try await seedKeys([seed("a", "value1"), seed("b", "value2")], into: store)
            let outcome = try await seedKeys(
                [seed("b", "value1", grant: .listed(["x"])), seed("a", "value2", owner: .user("ann@example.com"))],
                into: store)
            #expect(outcome.updated == ["a", "b"])
            #expect(outcome.replaced.isEmpty)
            let one = try await store.keys.find(publicID: publicID("value1"))
            let two = try await store.keys.find(publicID: publicID("value2"))
            #expect(one?.name == "b" && one?.grant == .listed(["x"]) && one?.revokedAt == nil)
            #expect(two?.name == "a" && two?.owner == .user("ann@example.com") && two?.revokedAt == nil)
        }
    }

    @Test func `A key of the control plane is not taken over, and nothing at all is done`() async throws {
        try await withStore { store, database in
            let taken = seed("ci", "value2").token
            _ = try await store.keys.create(
                name: "mine", owner: .team("core"), grant: .all, expiresAt: nil, token: taken, actor: ann)
            let before = try await Traces(store, database)
            await #expect(throws: SeedError.ownedByControlPlane(name: "b", publicID: publicID("value2"))) {
                try await seedKeys([seed("a", "value1"), seed("b", "value2")], into: store)
            }
            #expect(try await store.keys.find(publicID: publicID("value1")) == nil)
            #expect(try await Traces(store, database) == before)
        }
    }

    @Test func `A control plane's key of the same name is not touched`() async throws {
        try await withStore { store, _ in
            let mine = try await store.keys.create(
                name: "ci", owner: .team("core"), grant: .all, expiresAt: nil, token: seed("ci", "value1").token,
                actor: ann)
            let outcome = try await seedKeys([seed("ci", "value2")], into: store)
            #expect(outcome.replaced.isEmpty)
            #expect(try await store.keys.find(publicID: mine.publicID) == mine)
        }
    }

    @Test func `Entries that contradict each other are refused`() async throws {
        try await withStore { store, _ in
            await #expect(throws: SeedError.duplicateName("a")) {
                try await seedKeys([seed("a", "value1"), seed("a", "value2")], into: store)
            }
            await #expect(throws: SeedError.duplicatePublicID(publicID("value1"))) {
                try await seedKeys([seed("a", "value1"), seed("b", "value1")], into: store)
            }
            let stored = try await store.keys.all()
            #expect(stored.isEmpty)
        }
    }
}
