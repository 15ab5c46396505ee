import Database
import GatewayCore
import Provisioning
import Store
import Testing

/// The rules of configuration.md, Ownership and seeding, but for keys.
@Suite struct SeederTests {
    private let admin = AuditActor(kind: .command, name: "ann")

    @Test func `What is listed no longer is retired or handed over, and nothing is lost`() async throws {
        try await withStore { store, _ in
            var seed = Seed()
            seed.teams = [TeamDefinition(key: "a", name: "A", allowedModels: .all)]
            seed.users = [user("bea", team: "a")]
            seed.budgets = [budget(.team("a"), "5")]
            seed.providers = [ProviderDefinition(id: "p", settings: "{}")]
            seed.models = [model("m", provider: "p"), alias("n", of: "m")]
            let first = try await Seeder.seed(seed, into: store)
            #expect(first.subjects.map(\.outcome.created.count) == [1, 1, 1, 1, 2, 0])

            let second = try await Seeder.seed(Seed(), into: store)
            #expect(second.teams.released == ["a"] && second.users.released == ["bea@example.com"])
            #expect(second.budgets.released == ["team:a"])
            #expect(second.providers.retired == ["p"] && second.models.retired == ["m", "n"])
            let left = try await store.read { reader in
                (try reader.team(key: "a"), try reader.user(email: "bea@example.com"), try reader.budgets())
            }
            #expect(left.0?.managedBy == .controlPlane && left.1?.managedBy == .controlPlane)
            #expect(left.1?.membership?.team == "a")
            #expect(left.2.map(\.managedBy) == [.controlPlane])
            #expect(try await !Seeder.seed(Seed(), into: store).isChanged)

            let third = try await Seeder.seed(seed, into: store)
            #expect(third.subjects.map(\.outcome.updated.count) == [1, 1, 1, 1, 2, 0])
        }
    }

    @Test func `What the control plane has made is its own, until the file lists it`() async throws {
        try await withStore { store, _ in
            try await store.transaction(by: admin) { transaction in
                try transaction.putProvider(
                    ProviderDefinition(id: "p", settings: "{}"), expecting: nil, managedBy: .controlPlane)
                try transaction.putModel(model("m", provider: "p"), expecting: nil, managedBy: .controlPlane)
            }
            #expect(try await !Seeder.seed(Seed(), into: store).isChanged)
            var seed = Seed()
            seed.providers = [ProviderDefinition(id: "p", settings: "{}")]
            #expect(try await Seeder.seed(seed, into: store).providers.updated == ["p"])
            #expect(try await store.read { try $0.provider(id: "p") }?.managedBy == .file)
            #expect(try await store.read { try $0.model(id: "m") }?.isRetired == false)
        }
    }

    @Test func `A membership and a budget are reconciled only if the file gives them`() async throws {
        try await withStore { store, _ in
            var seed = Seed()
            seed.users = [user("bea", team: "core")]
            seed.budgets = [budget(.user("bea@example.com"), "5")]
            _ = try await Seeder.seed(seed, into: store)
            seed.users = [user("bea", team: nil)]
            seed.budgets = []
            _ = try await Seeder.seed(seed, into: store)
            let left = try await store.read { (try $0.user(email: "bea@example.com"), try $0.budgets()) }
            #expect(left.0?.membership == Membership(team: "core", role: .member))
            #expect(left.1.map(\.definition) == [budget(.user("bea@example.com"), "5")])
        }
    }

    @Test func `One thing that cannot be written keeps all from being written`() async throws {
        try await withStore { store, database in
            var seed = Seed()
            seed.teams = [TeamDefinition(key: "a", name: "A", allowedModels: .all)]
            seed.models = [model("m", provider: "nowhere")]
            let before = try await Traces(store, database)
            await #expect(throws: StoreError.self) { try await Seeder.seed(seed, into: store) }
            #expect(try await Traces(store, database) == before)
        }
    }

    private func user(_ name: String, team: String?) -> UserSeed {
        UserSeed(
            UserDefinition(
                email: "\(name)@example.com", name: name, authMode: .password, oidcProviderKey: nil, globalRole: .user,
                isRequestLoggingEnabled: true, allowedModels: .all),
            membership: team.map { Membership(team: $0, role: .member) })
    }

    private func budget(_ scope: BudgetScope, _ amount: String) -> BudgetDefinition {
        BudgetDefinition(
            scope: scope, cadence: .monthly, amount: Money(decimal: amount) ?? .zero, isHardLimit: true,
            timeZone: "UTC")
    }

    private func model(_ id: String, provider: String) -> ModelDefinition {
        let route = RouteDefinition(
            provider: provider, upstreamModel: "x", priority: 100, weight: 1, isEnabled: true, options: "{}")
        return ModelDefinition(id: id, description: nil, tags: [], rank: 100, aliasOf: nil, routes: [route])
    }

    private func alias(_ id: String, of target: String) -> ModelDefinition {
        ModelDefinition(id: id, description: nil, tags: [], rank: 100, aliasOf: target, routes: [])
    }

    @Test func `A file with a lower generation than the last one writes nothing`() async throws {
        try await withStore { store, _ in
            func seed(_ generation: Int64?, _ provider: String) -> Seed {
                var seed = Seed()
                seed.generation = generation
                seed.providers = [ProviderDefinition(id: provider, settings: "{}")]
                return seed
            }
            #expect(try await Seeder.seed(seed(nil, "a"), into: store).providers.created == ["a"])
            #expect(try await Seeder.seed(seed(5, "b"), into: store).providers.retired == ["a"])
            let old = try await Seeder.seed(seed(4, "a"), into: store)
            #expect(old.newerGeneration == 5 && !old.isChanged && old.providers.isEmpty)
            let providers = try await store.read { try $0.providers().filter { !$0.isRetired }.map(\.definition.id) }
            #expect(providers == ["b"])
            #expect(try await Seeder.seed(seed(5, "b"), into: store).newerGeneration == nil)
            // The file from before generations, of a replica that restarts while the first file with one is rolled out.
            #expect(try await Seeder.seed(seed(nil, "a"), into: store).newerGeneration == 5)
            #expect(try await Seeder.seed(seed(6, "a"), into: store).providers.retired == ["b"])
        }
    }

    @Test func `What the check refuses is not written`() async throws {
        struct Refused: Error {}
        try await withStore { store, _ in
            var seed = Seed()
            seed.providers = [ProviderDefinition(id: "p", settings: "{}")]
            await #expect(throws: Refused.self) {
                try await Seeder.seed(seed, into: store) { reader in
                    #expect(try reader.providers().map(\.definition.id) == ["p"])
                    throw Refused()
                }
            }
            let providers = try await store.read { try $0.providers() }
            #expect(providers.isEmpty)
        }
    }
}
