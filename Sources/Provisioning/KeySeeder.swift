public import GatewayCore
public import Store

/// Brings the stored keys of `gateway.yaml` in line with what it lists (configuration.md, Ownership and seeding).
public enum KeySeeder {
    /// Who seeding is in the audit trail.
    public static let actor = Actor(kind: .file, name: "gateway.yaml")

    /// Seeds in one transaction; a second run with the same keys changes nothing at all.
    ///
    /// - A value that is new is added; a name that has another value now loses the old one, which is revoked.
    /// - A revoked key stays revoked. It comes back under a new value only.
    /// - A key that is no longer listed is left as it is, and reported.
    /// - Throws: `SeedError` for keys that contradict each other or the control plane's, and `StoreError`.
    public static func seed(_ seeds: [SeedKey], into store: KeyStore) async throws -> SeedOutcome {
        try await store.transaction(by: actor) { transaction in
            let plan = try SeedPlan(seeds, stored: transaction.keys(managedBy: .file))
            for key in plan.revoked {
                try transaction.revokeKey(publicID: key.publicID)
            }
            for (key, secret) in plan.newSecrets {
                try transaction.replaceSecrets(of: key, with: secret)
            }
            try transaction.changeKeys(plan.changes)
            for seed in plan.created {
                try create(seed, in: transaction)
            }
            return plan.outcome
        }
    }

    private static func create(_ seed: SeedKey, in transaction: StoreTransaction) throws {
        // The file's own keys were matched before, so a key with this public id is somebody else's.
        guard try transaction.key(publicID: seed.token.publicID) == nil else {
            throw SeedError.ownedByControlPlane(name: seed.name, publicID: seed.token.publicID)
        }
        try transaction.createKey(
            NewKey(
                name: seed.name, owner: seed.owner, grant: seed.grant, expiresAt: nil, token: seed.token,
                managedBy: .file))
    }
}
