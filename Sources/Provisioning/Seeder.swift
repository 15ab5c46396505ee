public import GatewayCore
public import Store

/// Brings the database in line with what `gateway.yaml` lists (configuration.md, Ownership and seeding).
public enum Seeder {
    /// The actor of seeding in the audit trail.
    public static let actor = AuditActor(kind: .file, name: "gateway.yaml")

    /// Seeds in one transaction; a second run with the same file changes nothing.
    ///
    /// - Parameter refreshes: makes running gateways reload even if no row changes, because a referenced file may have
    ///   changed.
    /// - Throws: `SeedError` for a contradiction in the file or with the control plane, and `StoreError`. Nothing was
    ///   changed then.
    public static func seed(
        _ seed: Seed, into store: GatewayStore, refreshes: Bool = false
    ) async throws -> SeedReport {
        try await store.transaction(by: actor) { transaction in
            if refreshes { try transaction.refreshGateways() }
            // Targets of references first.
            return SeedReport(
                teams: try TeamSeeder.seed(seed.teams, in: transaction),
                users: try UserSeeder.seed(seed.users, in: transaction),
                budgets: try BudgetSeeder.seed(seed.budgets, in: transaction),
                providers: try RoutingSeeder.seed(providers: seed.providers, in: transaction),
                models: try RoutingSeeder.seed(models: seed.models, in: transaction),
                keys: try KeySeeder.seed(seed.keys, in: transaction))
        }
    }
}
