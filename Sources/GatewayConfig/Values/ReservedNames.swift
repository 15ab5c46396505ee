/// Names that the gateway reserves.
enum ReservedNames {
    /// The team of seeded keys without an owner.
    static let team = "system-legacy"
    /// The bootstrap administrator, who is not part of user management.
    static let email = "admin@local"
}
