/// Where a database stands: every migration that it has or needs.
public struct MigrationStatus: Sendable, Hashable {
    /// What is known of a migration.
    public enum State: Sendable, Hashable {
        /// Applied at this time: microseconds since 1970 UTC.
        case applied(at: Int64)
        /// Not applied yet.
        case pending
        /// Applied at this time by a newer gateway, which says that this one may go on.
        case newer(at: Int64)
    }

    /// One migration.
    public struct Entry: Sendable, Hashable {
        /// Its place in the order.
        public let version: Int64
        /// What it does, in a word or two.
        public let name: String
        /// Whether it is applied.
        public let state: State
    }

    /// Ascending by version.
    public let entries: [Entry]

    /// Whether something is to be applied.
    public var hasPending: Bool { entries.contains { $0.state == .pending } }
}
