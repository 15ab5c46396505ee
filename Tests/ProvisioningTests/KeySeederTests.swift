import Database
import GatewayCore
import Provisioning
import Store
import Testing

/// The rules of configuration.md, Ownership and seeding.
@Suite struct KeySeederTests {
    private let ann = Actor(kind: .command, name: "ann")

    @Test func `A listed key is created as the file says`() async throws {
        try await withKeys { keys, database in
            let entry = seed("ci", "value1", grant: .listed(["fast"]), owner: .team("core"))
            let outcome = try await KeySeeder.seed([entry], into: keys)
            #expect(outcome.created == ["ci"])
            let key = try #require(try await keys.find(publicID: publicID("value1")))
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
        try await withKeys { keys, database in
            let seeds = [seed("a", "value1"), seed("b", "value2", grant: .listed(["x", "y"]))]
            _ = try await KeySeeder.seed(seeds, into: keys)
            let before = try await Traces(keys, database)
            let outcome = try await KeySeeder.seed(seeds.reversed(), into: keys)
            #expect(outcome.unchanged == ["a", "b"])
            #expect(!outcome.isChanged)
            #expect(try await Traces(keys, database) == before)
        }
    }

    @Test func `A new value revokes the old one`() async throws {
        try await withKeys { keys, _ in
            _ = try await KeySeeder.seed([seed("ci", "value1")], into: keys)
            let outcome = try await KeySeeder.seed([seed("ci", "value2")], into: keys)
            #expect(outcome.created == ["ci"])
            #expect(outcome.replaced == ["ci"])
            #expect(try await keys.find(publicID: publicID("value1"))?.revokedAt != nil)
            #expect(try await keys.find(publicID: publicID("value2"))?.revokedAt == nil)
        }
    }

    @Test func `A new secret under the same public id replaces the old secret`() async throws {
        try await withKeys { keys, _ in
            let old = seed("ci", "value1")
            let new = seed("ci", "value1", secret: "fedcba9876543210fedcba9876543210")
            _ = try await KeySeeder.seed([old], into: keys)
            let outcome = try await KeySeeder.seed([new], into: keys)
            #expect(outcome.updated == ["ci"])
            let key = try #require(try await keys.find(publicID: publicID("value1")))
            #expect(throws: KeyVerifier.invalid) { try KeyVerifier.verify(old.token, against: key, now: 0) }
            #expect(throws: Never.self) { try KeyVerifier.verify(new.token, against: key, now: 0) }
        }
    }

    @Test func `A revoked key stays revoked, and comes back under a new value`() async throws {
        try await withKeys { keys, database in
            _ = try await KeySeeder.seed([seed("ci", "value1")], into: keys)
            let revoked = try await keys.revoke(publicID: publicID("value1"), actor: ann)
            let before = try await Traces(keys, database)
            let other = seed("ci", "value1", secret: "fedcba9876543210fedcba9876543210", grant: .listed([]))
            let outcome = try await KeySeeder.seed([other], into: keys)
            #expect(outcome.stillRevoked == ["ci"])
            #expect(!outcome.isChanged)
            #expect(try await keys.find(publicID: publicID("value1")) == revoked)
            #expect(try await Traces(keys, database) == before)
            #expect(try await KeySeeder.seed([seed("ci", "value2")], into: keys).created == ["ci"])
            #expect(try await keys.find(publicID: publicID("value2"))?.revokedAt == nil)
        }
    }

    @Test func `A key that is no longer listed is left alone and reported`() async throws {
        try await withKeys { keys, database in
            _ = try await KeySeeder.seed([seed("a", "value1"), seed("b", "value2")], into: keys)
            let before = try await Traces(keys, database)
            let outcome = try await KeySeeder.seed([seed("a", "value1")], into: keys)
            #expect(outcome.unlisted == ["b"])
            #expect(try await keys.find(publicID: publicID("value2"))?.revokedAt == nil)
            #expect(try await Traces(keys, database) == before)
        }
    }

    @Test func `Owner, grant and name follow the file`() async throws {
        try await withKeys { keys, _ in
            _ = try await KeySeeder.seed([seed("a", "value1"), seed("b", "value2")], into: keys)
            let outcome = try await KeySeeder.seed(
                [seed("b", "value1", grant: .listed(["x"])), seed("a", "value2", owner: .user("ann@example.com"))],
                into: keys)
            #expect(outcome.updated == ["a", "b"])
            #expect(outcome.replaced.isEmpty)
            let one = try await keys.find(publicID: publicID("value1"))
            let two = try await keys.find(publicID: publicID("value2"))
            #expect(one?.name == "b" && one?.grant == .listed(["x"]) && one?.revokedAt == nil)
            #expect(two?.name == "a" && two?.owner == .user("ann@example.com") && two?.revokedAt == nil)
        }
    }

    @Test func `A key of the control plane is not taken over, and nothing at all is done`() async throws {
        try await withKeys { keys, database in
            let taken = seed("ci", "value2").token
            _ = try await keys.create(
                name: "mine", owner: .team("core"), grant: .all, expiresAt: nil, token: taken, actor: ann)
            let before = try await Traces(keys, database)
            await #expect(throws: SeedError.ownedByControlPlane(name: "b", publicID: publicID("value2"))) {
                try await KeySeeder.seed([seed("a", "value1"), seed("b", "value2")], into: keys)
            }
            #expect(try await keys.find(publicID: publicID("value1")) == nil)
            #expect(try await Traces(keys, database) == before)
        }
    }

    @Test func `A control plane's key of the same name is not touched`() async throws {
        try await withKeys { keys, _ in
            let mine = try await keys.create(
                name: "ci", owner: .team("core"), grant: .all, expiresAt: nil, token: seed("ci", "value1").token,
                actor: ann)
            let outcome = try await KeySeeder.seed([seed("ci", "value2")], into: keys)
            #expect(outcome.replaced.isEmpty)
            #expect(try await keys.find(publicID: mine.publicID) == mine)
        }
    }

    @Test func `Entries that contradict each other are refused`() async throws {
        try await withKeys { keys, _ in
            await #expect(throws: SeedError.duplicateName("a")) {
                try await KeySeeder.seed([seed("a", "value1"), seed("a", "value2")], into: keys)
            }
            await #expect(throws: SeedError.duplicatePublicID(publicID("value1"))) {
                try await KeySeeder.seed([seed("a", "value1"), seed("b", "value1")], into: keys)
            }
            let stored = try await keys.list()
            #expect(stored.isEmpty)
        }
    }
}
