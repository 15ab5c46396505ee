import GatewayCore
import Store

/// The keys of the file.
enum KeySeeder {
    /// - A value that is new is added; a name that has another value now loses the old one, which is revoked.
    /// - A revoked key stays revoked. It comes back under a new value only.
    /// - A key that is no longer listed is left as it is, and reported.
    static func seed(_ seeds: [KeySeed], in transaction: StoreTransaction) throws -> SeedOutcome {
        let plan = try KeySeedPlan(seeds, stored: transaction.reader.keys(managedBy: .file))
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

    private static func create(_ seed: KeySeed, in transaction: StoreTransaction) throws {
        // The file's own keys were matched before, so a key with this public id is somebody else's.
        guard try transaction.reader.key(publicID: seed.token.publicID) == nil else {
            throw SeedError.ownedByControlPlane(name: seed.name, publicID: seed.token.publicID)
        }
        try transaction.createKey(
            NewKey(
                name: seed.name, owner: seed.owner, grant: seed.grant, expiresAt: nil, token: seed.token,
                managedBy: .file))
    }
}
