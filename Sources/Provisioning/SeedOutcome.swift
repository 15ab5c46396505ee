/// What seeding did to the entries of one subject, by their names in `gateway.yaml`. All lists are sorted.
public struct SeedOutcome: Sendable, Hashable {
    /// New to the database.
    public internal(set) var created: [String] = []
    /// Keys whose former value was revoked, because the file has another value now.
    public internal(set) var replaced: [String] = []
    /// Changed to match the file.
    public internal(set) var updated: [String] = []
    /// Already as in the file.
    public internal(set) var unchanged: [String] = []
    /// Keys whose listed value was revoked earlier, and stays revoked. They need a new value.
    public internal(set) var stillRevoked: [String] = []
    /// Keys whose listed value was replaced by a newer one earlier: the file is an old one, and changes nothing.
    public internal(set) var superseded: [String] = []
    /// No longer listed: valid keys, which stay as they are.
    public internal(set) var unlisted: [String] = []
    /// No longer listed: providers and models, which are invisible now.
    public internal(set) var retired: [String] = []
    /// No longer listed: teams, users and budgets, which the control plane owns from now on.
    public internal(set) var released: [String] = []

    mutating func record(_ name: String, isChanged: Bool) {
        if isChanged { updated.append(name) } else { unchanged.append(name) }
    }

    /// - Parameter before: nil for a new entry.
    mutating func record<Record: Equatable>(_ name: String, before: Record?, after: Record) {
        if before == nil { created.append(name) } else { record(name, isChanged: before != after) }
    }

    /// Whether the file has never listed an entry of this subject.
    public var isEmpty: Bool { self == SeedOutcome() }

    /// Whether the database was changed.
    public var isChanged: Bool {
        !(created.isEmpty && replaced.isEmpty && updated.isEmpty && retired.isEmpty && released.isEmpty)
    }
}
