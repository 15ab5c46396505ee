/// What seeding did, by the names of the keys in `gateway.yaml`. All lists are sorted.
public struct SeedOutcome: Sendable, Hashable {
    /// Values that are new to the database.
    public internal(set) var created: [String] = []
    /// Names whose former value was revoked, since the file gives another one now.
    public internal(set) var replaced: [String] = []
    /// Keys with the same value, but another secret, name, owner or grant than before.
    public internal(set) var updated: [String] = []
    /// Keys that are as the file wants them.
    public internal(set) var unchanged: [String] = []
    /// Listed values that were revoked earlier and stay so. The remedy is a new value.
    public internal(set) var stillRevoked: [String] = []
    /// Valid keys that the file once listed and lists no longer. They are left as they are.
    public internal(set) var unlisted: [String] = []

    /// Whether the database was changed.
    public var isChanged: Bool { !(created.isEmpty && replaced.isEmpty && updated.isEmpty) }
}
