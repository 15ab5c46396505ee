/// A place in a list that is ordered by the time of creation, right after one of its items. It stays valid when that
/// item is changed or deleted, and when others are added.
public struct PageCursor: Sendable, Hashable {
    /// Microseconds since 1970 UTC.
    let createdAt: Int64
    let id: String

    init(createdAt: Int64, id: String) {
        self.createdAt = createdAt
        self.id = id
    }

    /// Reads a cursor back from its text; nil for any other text.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let createdAt = Int64(parts[0]), (1...64).contains(parts[1].utf8.count),
            !parts[1].utf8.contains(0)
        else { return nil }
        self.init(createdAt: createdAt, id: String(parts[1]))
    }

    /// What clients hand back to get the next page. Its form may change.
    public var text: String { "\(createdAt).\(id)" }
}
