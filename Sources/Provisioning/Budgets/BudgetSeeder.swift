import GatewayCore
import Store

/// The budgets of the file. A budget that the file no longer lists stays as it is, and belongs to the control plane
/// from then on.
enum BudgetSeeder {
    static func seed(_ seeds: [BudgetDefinition], in transaction: StoreTransaction) throws -> SeedOutcome {
        var outcome = SeedOutcome()
        let stored = try transaction.reader.budgets()
        let known = Dictionary(stored.map { ($0.definition.scope, $0) }, uniquingKeysWith: { first, _ in first })
        for seed in seeds.sorted(by: { $0.scope.text < $1.scope.text }) {
            if let budget = known[seed.scope] {
                let isChanged = budget.definition != seed || budget.managedBy != .file
                try transaction.changeBudget(budget, expecting: nil, to: seed, managedBy: .file)
                outcome.record(seed.scope.text, isChanged: isChanged)
            } else {
                try transaction.createBudget(seed, managedBy: .file)
                outcome.created.append(seed.scope.text)
            }
        }
        let listed = Set(seeds.map(\.scope))
        for budget in stored where budget.managedBy == .file && !listed.contains(budget.definition.scope) {
            try transaction.changeBudget(
                budget, expecting: nil, to: budget.definition, managedBy: .controlPlane)
            outcome.released.append(budget.definition.scope.text)
        }
        return outcome
    }
}
