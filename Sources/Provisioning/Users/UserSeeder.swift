import Store

/// The users of the file. They start as invited; seeding does not undo their own changes.
enum UserSeeder {
    static func seed(_ seeds: [UserSeed], in transaction: StoreTransaction) throws -> SeedOutcome {
        var outcome = SeedOutcome()
        let stored = Dictionary(
            try transaction.reader.users().map { ($0.definition.email, $0) }, uniquingKeysWith: { first, _ in first })
        for seed in seeds.sorted(by: { $0.definition.email < $1.definition.email }) {
            let email = seed.definition.email
            if let user = stored[email] {
                let after = try transaction.changeUser(
                    user, expecting: nil, to: seed.definition, membership: seed.membership, managedBy: .file)
                outcome.record(email, isChanged: after != user)
            } else {
                try transaction.createUser(seed.definition, membership: seed.membership, managedBy: .file)
                outcome.created.append(email)
            }
        }
        let listed = Set(seeds.map(\.definition.email))
        for (email, user) in stored.sorted(by: { $0.key < $1.key })
        where user.managedBy == .file && !listed.contains(email) {
            try transaction.changeUser(
                user, expecting: nil, to: user.definition, membership: nil, managedBy: .controlPlane)
            outcome.released.append(email)
        }
        return outcome
    }
}
