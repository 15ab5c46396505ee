import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// A change that expects another version than the stored one is refused, on every engine.
    @Suite struct StaleChangeTests {
        private let ann = AuditActor(kind: .user, name: "ann")

        /// A change of some stored thing, with the version that it expects.
        private struct Change {
            let name: String
            /// The stored thing.
            let current: @Sendable (StoreReader) throws -> StoredRecord?
            let make: @Sendable (StoreTransaction, Int64?) throws -> Void
        }

        @Test(arguments: TestEngine.allCases)
        func `A change that has seen another version is refused with what is stored, and changes nothing`(
            engine: TestEngine
        ) async throws {
            try await engine.withStore { store, database in
                try await seed(store)
                for change in changes {
                    let before = try #require(try await store.read { try change.current($0) }, "\(change.name)")
                    let version = try await store.changeVersion()
                    let audited = try await auditRows(database).count
                    for expected in [before.version - 1, before.version + 1] {
                        await #expect(throws: StoreError.stale(current: before), "\(change.name)") {
                            try await store.transaction(by: ann) { try change.make($0, expected) }
                        }
                    }
                    #expect(try await store.changeVersion() == version, "\(change.name)")
                    #expect(try await auditRows(database).count == audited, "\(change.name)")
                    #expect(try await store.read { try change.current($0) } == before, "\(change.name)")
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A change that has seen the stored version is made, and raises it`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                try await seed(store)
                for change in changes {
                    let before = try #require(try await store.read { try change.current($0) }, "\(change.name)")
                    try await store.transaction(by: ann) { try change.make($0, before.version) }
                    let after = try #require(try await store.read { try change.current($0) }, "\(change.name)")
                    #expect(after.version > before.version, "\(change.name)")
                    await #expect(throws: StoreError.stale(current: after), "\(change.name)") {
                        try await store.transaction(by: ann) { try change.make($0, before.version) }
                    }
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `Of several changes of one version at once, one is made`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                try await seed(store)
                let team = try #require(try await store.read { try $0.team(key: "core") })
                let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let definition = TeamDefinition(key: "core", name: "\(number)", allowedModels: .all)
                            do {
                                _ = try await store.transaction(by: ann) {
                                    try $0.changeTeam(
                                        team, expecting: team.version, to: definition, managedBy: .controlPlane)
                                }
                                return true
                            } catch StoreError.stale(.team(let current)?) {
                                #expect(current.version == team.version + 1)
                                return false
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.filter(\.self).count == 1 && outcomes.count == 20)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A change of what does not exist is stale too`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                await #expect(throws: StoreError.stale(current: nil)) {
                    try await store.transaction(by: ann) {
                        try $0.putProvider(
                            ProviderDefinition(id: "none", settings: "{}"), expecting: 1, managedBy: .controlPlane)
                    }
                }
                let providers = try await store.read { try $0.providers() }
                #expect(providers.isEmpty)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A change begins from what is stored, not from what its author read before`(
            engine: TestEngine
        ) async throws {
            try await engine.withStore { store, database in
                let read = try #require(try await store.read { try $0.team(key: "core") })
                let renamed = TeamDefinition(key: "core", name: "New", allowedModels: .all)
                try await store.transaction(by: ann) {
                    try $0.changeTeam(read, expecting: nil, to: renamed, managedBy: .controlPlane)
                }
                try await store.transaction(by: ann) {
                    try $0.changeTeam(read, expecting: 2, to: read.definition, managedBy: .controlPlane)
                }
                #expect(try await store.read { try $0.team(key: "core") }?.definition == read.definition)
                #expect(try await auditRows(database).last?.before?.contains("New") == true)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A new membership is a new version of the user`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let user = try #require(try await store.read { try $0.user(email: "ann@example.com") })
                let changed = try await store.transaction(by: ann) {
                    try $0.changeUser(
                        user, expecting: user.version, to: user.definition,
                        membership: Membership(team: "core", role: .member), managedBy: user.managedBy)
                }
                #expect(changed.version == user.version + 1)
                await #expect(throws: StoreError.stale(current: .user(changed))) {
                    try await store.transaction(by: ann) {
                        try $0.changeStatus(of: user, expecting: user.version, to: .disabled)
                    }
                }
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The message names the thing and its version`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                try await seed(store)
                let messages = try await changes.asyncMap { change in
                    StoreError.stale(current: try await store.read { try change.current($0) }).message
                }
                #expect(messages.first == "Another change came first: the team core has version 1 now.")
                #expect(Set(messages).count == 6 && messages.allSatisfy { $0.hasSuffix(" has version 1 now.") })
            }
        }

        /// Beside the people of every store: a provider, a model, a budget and a key.
        private func seed(_ store: GatewayStore) async throws {
            try await store.transaction(by: ann) { transaction in
                try transaction.putProvider(
                    ProviderDefinition(id: "p", settings: "{}"), expecting: nil, managedBy: .file)
                try transaction.putModel(model("first"), expecting: nil, managedBy: .file)
                try transaction.createBudget(budget("1"), managedBy: .file)
                try transaction.createKey(
                    NewKey(
                        name: "k", owner: .team("core"), grant: .all, expiresAt: nil, token: makeToken("k"),
                        managedBy: .file))
            }
        }

        /// One of every kind, each of which can be made one after another.
        private var changes: [Change] {
            let publicID = makeToken("k").publicID
            return [
                Change(name: "changeTeam", current: { try $0.team(key: "core").map(StoredRecord.team) }) {
                    guard let team = try $0.reader.team(key: "core") else { return }
                    try $0.changeTeam(
                        team, expecting: $1, to: TeamDefinition(key: "core", name: "New", allowedModels: .all),
                        managedBy: .file)
                },
                Change(name: "changeUser", current: Self.user) {
                    guard let user = try $0.reader.user(email: "ann@example.com") else { return }
                    let membership = Membership(team: "core", role: .owner)
                    try $0.changeUser(
                        user, expecting: $1, to: user.definition, membership: membership, managedBy: .file)
                },
                Change(name: "changeStatus", current: Self.user) {
                    guard let user = try $0.reader.user(email: "ann@example.com") else { return }
                    try $0.changeStatus(of: user, expecting: $1, to: .disabled)
                },
                Change(name: "changeBudget", current: { try $0.budgets().first.map(StoredRecord.budget) }) {
                    try $0.changeBudget($0.reader.budgets()[0], expecting: $1, to: budget("2"), managedBy: .file)
                },
                Change(name: "putModel", current: { try $0.model(id: "m").map(StoredRecord.model) }) {
                    try $0.putModel(model("second"), expecting: $1, managedBy: .file)
                },
                Change(name: "retireModel", current: { try $0.model(id: "m").map(StoredRecord.model) }) {
                    guard let model = try $0.reader.model(id: "m") else { return }
                    try $0.retireModel(model, expecting: $1)
                },
                Change(name: "putProvider", current: { try $0.provider(id: "p").map(StoredRecord.provider) }) {
                    try $0.putProvider(
                        ProviderDefinition(id: "p", settings: "[]"), expecting: $1, managedBy: .file)
                },
                Change(name: "retireProvider", current: { try $0.provider(id: "p").map(StoredRecord.provider) }) {
                    guard let provider = try $0.reader.provider(id: "p") else { return }
                    try $0.retireProvider(provider, expecting: $1)
                },
                Change(name: "changeKeys", current: { try $0.key(publicID: publicID).map(StoredRecord.key) }) {
                    guard let key = try $0.reader.key(publicID: publicID) else { return }
                    try $0.changeKeys([
                        KeyChange(of: key, expecting: $1, name: "new", owner: key.owner, grant: key.grant)
                    ])
                },
                Change(name: "replaceSecrets", current: { try $0.key(publicID: publicID).map(StoredRecord.key) }) {
                    guard let key = try $0.reader.key(publicID: publicID) else { return }
                    try $0.replaceSecrets(of: key, expecting: $1, with: Secret("another"))
                },
                Change(name: "revokeKey", current: { try $0.key(publicID: publicID).map(StoredRecord.key) }) {
                    try $0.revokeKey(publicID: publicID, expecting: $1)
                },
            ]
        }

        private static func user(_ reader: StoreReader) throws -> StoredRecord? {
            try reader.user(email: "ann@example.com").map(StoredRecord.user)
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

private func model(_ description: String) -> ModelDefinition {
    ModelDefinition(id: "m", description: description, tags: [], rank: 1, aliasOf: nil, routes: [])
}

private func budget(_ amount: String) -> BudgetDefinition {
    BudgetDefinition(
        scope: .team("core"), cadence: .monthly, amount: Money(decimal: amount) ?? .zero, isHardLimit: true,
        timeZone: "UTC")
}
