import GatewayCore
import Store

/// The steps that bring the stored keys of the file in line with its list. Pure; `KeySeeder` executes them.
///
/// The public id identifies a value, so the same value under another name is the same key, renamed. Only a value that
/// was never stored replaces another one: a gateway that starts again with an older file must not end the newer value.
struct KeySeedPlan {
    /// Valid keys whose name has a new value now.
    private(set) var replaced: [KeyRecord] = []
    /// Keys whose secret has changed.
    private(set) var newSecrets: [(key: KeyRecord, secret: Secret)] = []
    private(set) var changes: [KeyChange] = []
    private(set) var created: [KeySeed] = []
    private(set) var outcome = SeedOutcome()

    private let names: Set<String>
    private let publicIDs: Set<String>
    /// By public id.
    private let stored: [String: KeyRecord]

    /// - Parameter stored: every key that the file owns, including revoked ones.
    init(_ seeds: [KeySeed], stored: [KeyRecord]) throws(SeedError) {
        var names: Set<String> = []
        var publicIDs: Set<String> = []
        for seed in seeds {
            guard names.insert(seed.name).inserted else { throw .duplicateName(seed.name) }
            guard publicIDs.insert(seed.token.publicID).inserted else { throw .duplicatePublicID(seed.token.publicID) }
        }
        (self.names, self.publicIDs) = (names, publicIDs)
        self.stored = Dictionary(stored.map { ($0.publicID, $0) }, uniquingKeysWith: { first, _ in first })
        outcome.unlisted = stored.filter { !names.contains($0.name) && isUnlisted($0) }.map(\.name).sorted()
        for seed in seeds.sorted(by: { $0.name < $1.name }) { plan(seed) }
    }

    private mutating func plan(_ seed: KeySeed) {
        let others = stored.values.filter { $0.name == seed.name && isUnlisted($0) }
        guard let key = stored[seed.token.publicID] else {
            created.append(seed)
            outcome.created.append(seed.name)
            return replace(others)
        }
        guard key.revokedAt == nil else { return outcome.stillRevoked.append(seed.name) }
        // Only a key that a newer value replaces has an end.
        guard key.expiresAt == nil else { return outcome.superseded.append(seed.name) }
        let isFormer = key.isFormerSecret(seed.token.secret)
        if isFormer { outcome.superseded.append(seed.name) }
        // A file with another name for it is not the one that was seeded before.
        guard !isFormer || key.name != seed.name else { return }
        replace(others)
        update(key, to: seed, withSecret: !isFormer)
    }

    private mutating func replace(_ keys: [KeyRecord]) {
        replaced += keys
        outcome.replaced += keys.map(\.name)
    }

    private mutating func update(_ key: KeyRecord, to seed: KeySeed, withSecret: Bool) {
        let hasSecret = !withSecret || key.isCurrentSecret(seed.token.secret)
        if !hasSecret { newSecrets.append((key, seed.token.secret)) }
        let change = KeyChange(of: key, expecting: nil, name: seed.name, owner: seed.owner, grant: seed.grant)
        if !change.isEmpty { changes.append(change) }
        if hasSecret && change.isEmpty {
            outcome.unchanged.append(seed.name)
        } else {
            outcome.updated.append(seed.name)
        }
    }

    /// Whether the key is valid, and not one of the list. A key with an end is being replaced already.
    private func isUnlisted(_ key: KeyRecord) -> Bool {
        key.revokedAt == nil && key.expiresAt == nil && !publicIDs.contains(key.publicID)
    }
}

extension KeyRecord {
    fileprivate func isCurrentSecret(_ secret: Secret) -> Bool {
        let hash = SecretHash(of: secret)
        return secrets.contains { $0.hash == hash && $0.expiresAt == nil }
    }

    /// Whether a newer one has taken its place.
    fileprivate func isFormerSecret(_ secret: Secret) -> Bool {
        let hash = SecretHash(of: secret)
        return secrets.contains { $0.hash == hash && $0.expiresAt != nil }
    }
}
