import GatewayCore
import Operations
import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct KeyServiceTests {
    private static let actor = AuditActor(kind: .command, name: "ann")

    private func create(_ name: String, with keys: KeyService) async throws -> KeyRecord {
        try await keys.create(name: name, owner: .systemLegacy, grant: .all, expiresAt: nil, actor: Self.actor).record
    }

    @Test func `A created key has the token that is returned, and only its hash is stored`() async throws {
        try await withOperations { fixture in
            let keys = KeyService(fixture.store)
            let (record, token) = try await keys.create(
                name: "ci", owner: .systemLegacy, grant: .listed(["m"]), expiresAt: 5, actor: Self.actor)
            #expect(record.publicID == token.publicID && record.grant == .listed(["m"]) && record.expiresAt == 5)
            let stored = try await keys.find(token.publicID)
            #expect(stored == record)
            let all = try await keys.all()
            #expect(all == [record])
        }
    }

    @Test func `A key is found by its public id and by its name`() async throws {
        try await withOperations { fixture in
            let keys = KeyService(fixture.store)
            let record = try await create("ci", with: keys)
            let found = try await keys.find(record.publicID)
            #expect(found == record)
            let foundByName = try await keys.find("ci")
            #expect(foundByName == record)
            await #expect(throws: KeyServiceError.notFound("cd")) { try await keys.find("cd") }
        }
    }

    @Test func `A valid key is preferred to revoked ones of its name`() async throws {
        try await withOperations { fixture in
            let keys = KeyService(fixture.store)
            let valid = try await create("ci", with: keys)
            let revoked = try await create("ci", with: keys)
            _ = try await keys.revoke(publicID: revoked.publicID, actor: Self.actor)
            let found = try await keys.find("ci")
            #expect(found == valid)
            _ = try await keys.revoke(publicID: valid.publicID, actor: Self.actor)
            let foundByName = try await keys.find("ci")
            #expect(foundByName.revokedAt != nil)
        }
    }

    @Test func `Several valid keys of a name are named by their public ids`() async throws {
        try await withOperations { fixture in
            let keys = KeyService(fixture.store)
            let ids = [try await create("ci", with: keys).publicID, try await create("ci", with: keys).publicID]
            let error = await #expect(throws: KeyServiceError.self) { try await keys.find("ci") }
            #expect(error?.message == "2 keys are named ci.")
            for id in ids { #expect(error?.hint.contains(id) == true) }
        }
    }

    @Test func `A revoked key is refused by the data plane when the call returns`() async throws {
        try await withOperations { fixture in
            let keys = KeyService(fixture.store, dataPlane: fixture.dataPlane)
            let record = try await create("ci", with: keys)
            #expect(fixture.dataPlane.events == [])
            let revoked = try await keys.revoke(publicID: record.publicID, actor: Self.actor)
            #expect(revoked.revokedAt == OperationsFixture.clock())
            #expect(fixture.dataPlane.events == [.keysInvalidated])
            let again = try await keys.revoke(publicID: record.publicID, actor: Self.actor)
            #expect(again == revoked)
        }
    }

    @Test func `An unknown key cannot be revoked`() async throws {
        try await withOperations { fixture in
            let keys = KeyService(fixture.store, dataPlane: fixture.dataPlane)
            await #expect(throws: KeyServiceError.notFound("nokey123")) {
                try await keys.revoke(publicID: "nokey123", actor: Self.actor)
            }
            #expect(fixture.dataPlane.events == [])
        }
    }
}
