import GatewayCore
import Store

/// The providers and models of the file. Those that it no longer lists are retired: invisible, but kept for history.
enum RoutingSeeder {
    static func seed(providers seeds: [ProviderDefinition], in transaction: StoreTransaction) throws -> SeedOutcome {
        var outcome = SeedOutcome()
        let stored = try transaction.reader.providers()
        let known = Dictionary(stored.map { ($0.definition.id, $0) }, uniquingKeysWith: { first, _ in first })
        for seed in seeds.sorted(by: { $0.id < $1.id }) {
            let after = try transaction.putProvider(seed, expecting: nil, managedBy: .file)
            outcome.record(seed.id, before: known[seed.id], after: after)
        }
        let listed = Set(seeds.map(\.id))
        for provider in stored where provider.managedBy == .file && !provider.isRetired {
            guard !listed.contains(provider.definition.id) else { continue }
            try transaction.retireProvider(provider, expecting: nil)
            outcome.retired.append(provider.definition.id)
        }
        return outcome
    }

    static func seed(models seeds: [ModelDefinition], in transaction: StoreTransaction) throws -> SeedOutcome {
        var outcome = SeedOutcome()
        let stored = try transaction.reader.models()
        let known = Dictionary(stored.map { ($0.definition.id, $0) }, uniquingKeysWith: { first, _ in first })
        for seed in seeds.sorted(by: { $0.id < $1.id }) {
            let after = try transaction.putModel(seed, expecting: nil, managedBy: .file)
            outcome.record(seed.id, before: known[seed.id], after: after)
        }
        let listed = Set(seeds.map(\.id))
        for model in stored where model.managedBy == .file && !model.isRetired {
            guard !listed.contains(model.definition.id) else { continue }
            try transaction.retireModel(model, expecting: nil)
            outcome.retired.append(model.definition.id)
        }
        return outcome
    }
}
