public import GatewayCore
public import Store

/// Brings the database in line with what `gateway.yaml` lists (configuration.md, Ownership and seeding).
public enum Seeder {
    /// The actor of seeding in the audit trail.
    public static let actor = AuditActor(kind: .file, name: "gateway.yaml")

    /// Seeds in one transaction; a second run with the same file changes nothing.
    ///
    /// - Parameters:
    ///   - refreshes: makes running gateways reload even if no row changes, because a referenced file may have changed.
    ///   - check: reads the result before it is committed; what it throws undoes everything.
    /// - Throws: `SeedError` for a contradiction in the file or with the control plane, `StoreError`, and what `check`
    ///   throws. Nothing was changed then.
    public static func seed<Result: Sendable>(
        _ seed: Seed, into store: GatewayStore, refreshes: Bool = false,
        check: @escaping @Sendable (StoreReader) throws -> Result
    ) async throws -> (report: SeedReport, checked: Result) {
        try await store.transaction(by: actor) { transaction in
            (try write(seed, refreshes: refreshes, in: transaction), try check(transaction.reader))
        }
    }

    private static func write(
        _ seed: Seed, refreshes: Bool, in transaction: StoreTransaction
    ) throws -> SeedReport {
        if refreshes { try transaction.refreshGateways() }
        let last = try transaction.reader.seedGeneration()
        // A file without a generation is older than each that has one.
        if let last, last > seed.generation ?? -1 { return SeedReport(newerGeneration: last) }
        if let generation = seed.generation, last != generation { try transaction.setSeedGeneration(generation) }
        // Targets of references first.
        return SeedReport(
            teams: try TeamSeeder.seed(seed.teams, in: transaction),
            users: try UserSeeder.seed(seed.users, in: transaction),
            budgets: try BudgetSeeder.seed(seed.budgets, in: transaction),
            providers: try RoutingSeeder.seed(providers: seed.providers, in: transaction),
            models: try RoutingSeeder.seed(models: seed.models, in: transaction),
            keys: try KeySeeder.seed(seed.keys, overlap: seed.keyOverlap, in: transaction))
    }
}
