/// Names that the gateway keeps for itself.
enum ReservedNames {
    /// The team of seeded keys that name no owner.
    static let team = "system-legacy"
    /// The bootstrap administrator, who is no part of user management.
    static let email = "admin@local"
}
