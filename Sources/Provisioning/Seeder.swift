public import GatewayCore
public import Store

/// Brings the database in line with what `gateway.yaml` lists (configuration.md, Ownership and seeding).
public enum Seeder {
    /// Who seeding is in the audit trail.
    public static let actor = AuditActor(kind: .file, name: "gateway.yaml")

    /// Seeds in one transaction; a second run with the same file changes nothing at all.
    ///
    /// - Parameter refreshes: running gateways read everything anew even if no row changes: a file that a reference names may have.
    /// - Throws: `SeedError` for what contradicts itself or what the control plane has made, and `StoreError`. Nothing was
    ///   changed then.
    public static func seed(
        _ seed: Seed, into store: GatewayStore, refreshes: Bool = false
    ) async throws -> SeedReport {
        try await store.transaction(by: actor) { transaction in
            if refreshes { try transaction.refreshGateways() }
            // What is referred to goes first.
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
