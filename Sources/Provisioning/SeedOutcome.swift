/// What seeding did to the things of one subject, by their names in `gateway.yaml`. All lists are sorted.
public struct SeedOutcome: Sendable, Hashable {
    /// New to the database.
    public internal(set) var created: [String] = []
    /// Keys whose former value was revoked, since the file gives another one now.
    public internal(set) var replaced: [String] = []
    /// Changed to what the file says.
    public internal(set) var updated: [String] = []
    /// As the file wants them.
    public internal(set) var unchanged: [String] = []
    /// Keys whose listed value was revoked earlier, and stays so. The remedy is a new value.
    public internal(set) var stillRevoked: [String] = []
    /// Once listed, and listed no longer: valid keys, which are left as they are.
    public internal(set) var unlisted: [String] = []
    /// Once listed, and listed no longer: providers and models, which are invisible now.
    public internal(set) var retired: [String] = []
    /// Once listed, and listed no longer: teams, users and budgets, which the control plane may change from now on.
    public internal(set) var released: [String] = []

    mutating func record(_ name: String, isChanged: Bool) {
        if isChanged { updated.append(name) } else { unchanged.append(name) }
    }

    /// - Parameter before: nil if it is new.
    mutating func record<Record: Equatable>(_ name: String, before: Record?, after: Record) {
        if before == nil { created.append(name) } else { record(name, isChanged: before != after) }
    }

    /// Whether the file lists nothing of this subject, and never did.
    public var isEmpty: Bool { self == SeedOutcome() }

    /// Whether the database was changed.
    public var isChanged: Bool {
        !(created.isEmpty && replaced.isEmpty && updated.isEmpty && retired.isEmpty && released.isEmpty)
    }
}
