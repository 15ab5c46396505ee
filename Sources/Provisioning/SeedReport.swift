/// What seeding did, by subject.
public struct SeedReport: Sendable, Hashable {
    public let teams: SeedOutcome
    public let users: SeedOutcome
    public let budgets: SeedOutcome
    public let providers: SeedOutcome
    public let models: SeedOutcome
    public let keys: SeedOutcome
    /// The generation of the last seeding if it is newer than the file's: nothing was written then.
    public let newerGeneration: Int64?

    init(
        teams: SeedOutcome, users: SeedOutcome, budgets: SeedOutcome, providers: SeedOutcome, models: SeedOutcome,
        keys: SeedOutcome
    ) {
        (self.teams, self.users, self.budgets) = (teams, users, budgets)
        (self.providers, self.models, self.keys) = (providers, models, keys)
        newerGeneration = nil
    }

    /// Nothing was written, since the last seeding has a newer generation.
    init(newerGeneration: Int64) {
        let nothing = SeedOutcome()
        (teams, users, budgets) = (nothing, nothing, nothing)
        (providers, models, keys) = (nothing, nothing, nothing)
        self.newerGeneration = newerGeneration
    }

    /// The outcomes with the names of their subjects, in the order of seeding.
    public var subjects: [(name: String, outcome: SeedOutcome)] {
        [
            ("teams", teams), ("users", users), ("budgets", budgets), ("providers", providers), ("models", models),
            ("keys", keys),
        ]
    }

    /// Whether the database was changed.
    public var isChanged: Bool { subjects.contains { $0.outcome.isChanged } }
}
