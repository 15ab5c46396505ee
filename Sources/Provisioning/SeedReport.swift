/// What seeding did, by subject.
public struct SeedReport: Sendable, Hashable {
    public let teams: SeedOutcome
    public let users: SeedOutcome
    public let budgets: SeedOutcome
    public let providers: SeedOutcome
    public let models: SeedOutcome
    public let keys: SeedOutcome

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
