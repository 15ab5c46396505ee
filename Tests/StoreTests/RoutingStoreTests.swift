import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// Providers, models, budgets and replicas, on every engine.
    @Suite struct RoutingStoreTests {
        private let admin = AuditActor(kind: .command, name: "ann")

        @Test(arguments: TestEngine.allCases)
        func `A model comes back as it was written, and only what differs gets a new version`(
            engine: TestEngine
        ) async throws {
            try await engine.withStore { store, database in
                let first = model(routes: [route("a"), route("b", weight: 0.1)])
                try await store.transaction(by: admin) { transaction in
                    for id in ["p1", "p2"] {
                        try transaction.putProvider(
                            ProviderDefinition(id: id, settings: "{}"), expecting: nil, managedBy: .file)
                    }
                    try transaction.putModel(first, expecting: nil, managedBy: .file)
                }
                #expect(try await store.read { try $0.model(id: "m") }?.definition == first)
                let version = try await store.changeVersion()
                try await store.transaction(by: admin) { try $0.putModel(first, expecting: nil, managedBy: .file) }
                #expect(try await store.changeVersion() == version)

                let second = model(routes: [route("a"), route("b", weight: 0.2), route("c", provider: "p2")])
                let changed = try await store.transaction(by: admin) {
                    try $0.putModel(second, expecting: nil, managedBy: .file)
                }
                #expect(changed.definition == second && changed.version == 2)
                #expect(try await routeVersions(database) == ["m/1": 1, "m/2": 2, "m/3": 1])
                try await store.transaction(by: admin) { try $0.putModel(first, expecting: nil, managedBy: .file) }
                #expect(try await routeVersions(database) == ["m/1": 1, "m/2": 3])
                #expect(try await store.read { try $0.model(id: "m") }?.definition == first)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `What is retired stays, and comes back when it is written again`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let provider = ProviderDefinition(id: "p1", settings: "{}")
                try await store.transaction(by: admin) { transaction in
                    let record = try transaction.putProvider(provider, expecting: nil, managedBy: .file)
                    let model = try transaction.putModel(model(routes: [route("a")]), expecting: nil, managedBy: .file)
                    try transaction.retireModel(model, expecting: nil)
                    try transaction.retireProvider(record, expecting: nil)
                }
                let retired = try await store.read { (try $0.provider(id: "p1"), try $0.model(id: "m")) }
                #expect(retired.0?.isRetired == true && retired.1?.isRetired == true)
                #expect(retired.1?.definition.routes.count == 1)
                let back = try await store.transaction(by: admin) { transaction in
                    try transaction.putProvider(provider, expecting: nil, managedBy: .file)
                    return try transaction.putModel(model(routes: [route("a")]), expecting: nil, managedBy: .file)
                }
                #expect(!back.isRetired && back.version == 3)
                #expect(
                    try await auditRows(database).map(\.action) == [
                        "provider.create", "model.create", "model.retire", "provider.retire", "provider.update",
                        "model.update",
                    ])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `An alias may be written before its target, and a circle of two too`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                try await store.transaction(by: admin) { transaction in
                    try transaction.putModel(alias("z", of: "a"), expecting: nil, managedBy: .file)
                    try transaction.putModel(alias("a", of: "z"), expecting: nil, managedBy: .file)
                }
                #expect(try await store.read { try $0.models() }.map(\.definition.aliasOf) == ["z", "a"])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Changes of routing are told apart from all others`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                try await store.transaction(by: admin) {
                    _ = try $0.createTeam(
                        TeamDefinition(key: "t", name: "T", allowedModels: .all), managedBy: .controlPlane)
                }
                #expect(try await store.changeVersion() == ChangeVersion(any: 1, routing: 0))
                try await store.transaction(by: admin) {
                    try $0.putProvider(ProviderDefinition(id: "p", settings: "{}"), expecting: nil, managedBy: .file)
                }
                #expect(try await store.changeVersion() == ChangeVersion(any: 2, routing: 2))
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A budget is created once, changed, and told with its scope`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let first = budget(.team("core"), "12.50")
                let second = budget(.team("core"), "7")
                try await store.transaction(by: admin) { transaction in
                    try transaction.createBudget(budget(.user("ann@example.com"), "1"), managedBy: .file)
                    try transaction.createBudget(first, managedBy: .file)
                }
                await #expect(throws: StoreError.duplicateBudget(.team("core"))) {
                    try await store.transaction(by: admin) { try $0.createBudget(second, managedBy: .file) }
                }
                await #expect(throws: StoreError.noSuchOwner(.team("none"))) {
                    try await store.transaction(by: admin) {
                        try $0.createBudget(budget(.team("none"), "1"), managedBy: .file)
                    }
                }
                let stored = try await store.read { try $0.budgets() }
                #expect(stored.map(\.definition) == [first, budget(.user("ann@example.com"), "1")])
                try await store.transaction(by: admin) {
                    try $0.changeBudget(stored[0], expecting: nil, to: second, managedBy: .controlPlane)
                }
                let changed = try await store.read { try $0.budgets()[0] }
                #expect(changed.definition == second && changed.version == 2 && changed.managedBy == .controlPlane)
                #expect(
                    try await auditRows(database).last?.after == """
                        {"amount_usd":"7.00","cadence":"monthly","hard_limit":true,"managed_by":"control_plane",\
                        "scope":"team:core","timezone":"UTC"}
                        """)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Heartbeats are by the database's clock, and no change`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let one = replica("r1", hash: "a")
                try await store.replicas.sendHeartbeat(one, status: .serving)
                try await store.replicas.sendHeartbeat(replica("r2", hash: "b"), status: .serving)
                try await database.write {
                    try $0.execute("UPDATE replicas SET heartbeat_at = heartbeat_at - 90000000")
                }
                try await store.replicas.sendHeartbeat(replica("r1", hash: "c"), status: .draining)
                let found = try await store.replicas.list()
                #expect(found.map(\.description.id) == ["r1", "r2"])
                #expect(found[0].description.configurationHash == "c" && found[0].status == .draining)
                #expect((0..<30_000_000).contains(found[0].silentFor))
                #expect((90_000_000..<120_000_000).contains(found[1].silentFor))
                try await database.write {
                    try $0.execute("UPDATE replicas SET heartbeat_at = heartbeat_at - 700000000000 WHERE id = 'r2'")
                }
                try await store.replicas.sendHeartbeat(one, status: .stopped)
                #expect(try await store.replicas.list().map(\.description.id) == ["r1"])
                #expect(try await store.changeVersion() == ChangeVersion(any: 0, routing: 0))
            }
        }

        private func replica(_ id: String, hash: String) -> ReplicaDescription {
            ReplicaDescription(
                id: id, host: "host", processID: 7, gatewayVersion: "0.1.0", configurationHash: hash)
        }

        private func budget(_ scope: BudgetScope, _ amount: String) -> BudgetDefinition {
            BudgetDefinition(
                scope: scope, cadence: .monthly, amount: Money(decimal: amount) ?? .zero, isHardLimit: true,
                timeZone: "UTC")
        }

        private func model(routes: [RouteDefinition]) -> ModelDefinition {
            ModelDefinition(
                id: "m", description: "A model", tags: ["a", "b"], rank: 7, aliasOf: nil, routes: routes)
        }

        private func alias(_ id: String, of target: String) -> ModelDefinition {
            ModelDefinition(id: id, description: nil, tags: [], rank: 100, aliasOf: target, routes: [])
        }

        private func route(_ upstream: String, provider: String = "p1", weight: Double = 1) -> RouteDefinition {
            RouteDefinition(
                provider: provider, upstreamModel: upstream, priority: 100, weight: weight, isEnabled: true,
                options: #"{"limits":{}}"#)
        }

        private func routeVersions(_ database: any Database) async throws -> [String: Int64] {
            try await database.read { connection in
                try connection.query("SELECT id, version FROM routes").reduce(into: [:]) { versions, row in
                    versions[try row.text("id")] = try row.int64("version")
                }
            }
        }
    }
}
