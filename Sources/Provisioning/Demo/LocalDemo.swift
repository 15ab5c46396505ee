public import GatewayCore
public import Store

/// Users, keys and budgets for trying the gateway, written as rows of the control plane, so that all of them can be
/// changed.
public enum LocalDemo {
    /// A created key, with its value, which is never shown again.
    public struct NewDemoKey: Sendable {
        public let name: String
        public let owner: KeyOwner
        public let token: APIKeyToken
    }

    /// The created items, by name, without those that existed already.
    public struct Outcome: Sendable {
        public fileprivate(set) var teams: [String] = []
        public fileprivate(set) var users: [String] = []
        public fileprivate(set) var budgets: [String] = []
        public fileprivate(set) var keys: [NewDemoKey] = []
        /// The days that got spend in the ledger, as `2026-03-29`.
        public fileprivate(set) var spendDays: [String] = []
    }

    /// Writes the missing parts of the demo, all but the spend in one transaction; a second run changes nothing.
    /// - Parameter now: microseconds since 1970 UTC; the spend is that of the thirty days before.
    public static func seed(into store: GatewayStore, by actor: AuditActor, now: Int64) async throws -> Outcome {
        var outcome = try await seedPeople(into: store, by: actor)
        if let spend = try await store.read({ try DemoSpend(reader: $0) }) {
            let days = spend.days(before: now)
            for day in days { try await store.ledger.apply(spend.entries(of: day)) }
            outcome.spendDays = days.map(\.name)
        }
        return outcome
    }

    private static func seedPeople(into store: GatewayStore, by actor: AuditActor) async throws -> Outcome {
        try await store.transaction(by: actor) { transaction in
            var outcome = Outcome()
            for team in DemoPeople.teams where try transaction.reader.team(key: team.key) == nil {
                try transaction.createTeam(team, managedBy: .controlPlane)
                outcome.teams.append(team.key)
            }
            for person in DemoPeople.users where try transaction.reader.user(email: person.email) == nil {
                let user = try transaction.createUser(
                    person.definition, membership: person.membership, managedBy: .controlPlane)
                try transaction.changeStatus(of: user, expecting: nil, to: .active)
                outcome.users.append(person.email)
            }
            let limited = Set(try transaction.reader.budgets().map(\.definition.scope))
            for budget in DemoPeople.budgets where !limited.contains(budget.scope) {
                try transaction.createBudget(budget, managedBy: .controlPlane)
                outcome.budgets.append(budget.scope.text)
            }
            for key in DemoPeople.keys where try transaction.reader.keys(named: key.name).isEmpty {
                outcome.keys.append(try create(key, in: transaction))
            }
            return outcome
        }
    }

    private static func create(
        _ key: (name: String, owner: KeyOwner), in transaction: StoreTransaction
    ) throws -> NewDemoKey {
        var random = SystemRandomNumberGenerator()
        let token = APIKeyToken.generate(using: &random)
        try transaction.createKey(
            NewKey(
                name: key.name, owner: key.owner, grant: .all, expiresAt: nil, token: token,
                managedBy: .controlPlane))
        return NewDemoKey(name: key.name, owner: key.owner, token: token)
    }
}
