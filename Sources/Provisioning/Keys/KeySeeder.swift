import GatewayCore
import Store

/// The keys of the file.
enum KeySeeder {
    /// - A new value is added; if a name had another value, the old key ends after `overlap`.
    /// - An older value that is listed again changes nothing, and is reported.
    /// - A revoked key stays revoked; only a new value replaces it.
    /// - A key that is no longer listed stays as it is, and is reported.
    ///
    /// - Parameter overlap: how long a replaced value stays valid, in microseconds.
    static func seed(_ seeds: [KeySeed], overlap: Int64, in transaction: StoreTransaction) throws -> SeedOutcome {
        let plan = try KeySeedPlan(seeds, stored: transaction.reader.keys(managedBy: .file))
        for key in plan.replaced {
            if overlap > 0 {
                try transaction.endKey(publicID: key.publicID, at: transaction.now + overlap)
            } else {
                try transaction.revokeKey(publicID: key.publicID, expecting: nil)
            }
        }
        for (key, secret) in plan.newSecrets {
            try transaction.replaceSecrets(of: key, expecting: nil, with: secret, overlap: overlap)
        }
        try transaction.changeKeys(plan.changes)
        for seed in plan.created {
            try create(seed, in: transaction)
        }
        return plan.outcome
    }

    private static func create(_ seed: KeySeed, in transaction: StoreTransaction) throws {
        // The file's own keys were matched before, so a key with this public id belongs to the control plane.
        guard try transaction.reader.key(publicID: seed.token.publicID) == nil else {
            throw SeedError.ownedByControlPlane(name: seed.name, publicID: seed.token.publicID)
        }
        try transaction.createKey(
            NewKey(
                name: seed.name, owner: seed.owner, grant: seed.grant, expiresAt: nil, token: seed.token,
                managedBy: .file))
    }
}
