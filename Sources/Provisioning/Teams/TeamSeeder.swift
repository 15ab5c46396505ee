import Store

/// The teams of the file.
enum TeamSeeder {
    static func seed(_ seeds: [TeamDefinition], in transaction: StoreTransaction) throws -> SeedOutcome {
        var outcome = SeedOutcome()
        let stored = Dictionary(
            try transaction.reader.teams().map { ($0.definition.key, $0) }, uniquingKeysWith: { first, _ in first })
        for seed in seeds.sorted(by: { $0.key < $1.key }) {
            if let team = stored[seed.key] {
                let after = try transaction.changeTeam(team, expecting: nil, to: seed, managedBy: .file)
                outcome.record(seed.key, isChanged: after != team)
            } else {
                try transaction.createTeam(seed, managedBy: .file)
                outcome.created.append(seed.key)
            }
        }
        let listed = Set(seeds.map(\.key))
        for (key, team) in stored.sorted(by: { $0.key < $1.key }) where team.managedBy == .file && !listed.contains(key)
        {
            try transaction.changeTeam(team, expecting: nil, to: team.definition, managedBy: .controlPlane)
            outcome.released.append(key)
        }
        return outcome
    }
}
