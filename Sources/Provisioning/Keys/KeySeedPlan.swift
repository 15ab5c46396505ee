import GatewayCore
import Store

/// The steps that bring the stored keys of the file in line with its list. Pure; `KeySeeder` executes them.
///
/// The public id identifies a value, so the same value under another name is the same key, renamed.
struct KeySeedPlan {
    /// Valid keys whose name has another value now.
    private(set) var revoked: [KeyRecord] = []
    /// Keys whose secret has changed.
    private(set) var newSecrets: [(key: KeyRecord, secret: Secret)] = []
    private(set) var changes: [KeyChange] = []
    private(set) var created: [KeySeed] = []
    private(set) var outcome = SeedOutcome()

    /// - Parameter stored: every key that the file owns, including revoked ones.
    init(_ seeds: [KeySeed], stored: [KeyRecord]) throws(SeedError) {
        var names: Set<String> = []
        var publicIDs: Set<String> = []
        for seed in seeds {
            guard names.insert(seed.name).inserted else { throw .duplicateName(seed.name) }
            guard publicIDs.insert(seed.token.publicID).inserted else { throw .duplicatePublicID(seed.token.publicID) }
        }
        for key in stored where key.revokedAt == nil && !publicIDs.contains(key.publicID) {
            if names.contains(key.name) {
                revoked.append(key)
                outcome.replaced.append(key.name)
            } else {
                outcome.unlisted.append(key.name)
            }
        }
        let storedByPublicID = Dictionary(stored.map { ($0.publicID, $0) }, uniquingKeysWith: { first, _ in first })
        for seed in seeds.sorted(by: { $0.name < $1.name }) {
            plan(seed, stored: storedByPublicID[seed.token.publicID])
        }
        outcome.replaced.sort()
        outcome.unlisted.sort()
    }

    private mutating func plan(_ seed: KeySeed, stored key: KeyRecord?) {
        guard let key else {
            created.append(seed)
            outcome.created.append(seed.name)
            return
        }
        guard key.revokedAt == nil else {
            outcome.stillRevoked.append(seed.name)
            return
        }
        let hasSecret = key.secrets.map(\.hash) == [SecretHash(of: seed.token.secret)]
        if !hasSecret { newSecrets.append((key, seed.token.secret)) }
        let change = KeyChange(of: key, expecting: nil, name: seed.name, owner: seed.owner, grant: seed.grant)
        if !change.isEmpty { changes.append(change) }
        if hasSecret && change.isEmpty {
            outcome.unchanged.append(seed.name)
        } else {
            outcome.updated.append(seed.name)
        }
    }
}
