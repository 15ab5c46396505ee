/// Which page of a list to read.
public struct PageRequest: Sendable, Hashable {
    /// By the time of creation.
    public enum Order: Sendable, Hashable {
        case oldestFirst, newestFirst
    }

    /// The most items on a page.
    public static let maxLimit = 500

    /// The page begins after this place; nil for the first page.
    public let cursor: PageCursor?
    /// From 1 to `maxLimit`.
    public let limit: Int
    /// Has to be the same for every page of a list.
    public let order: Order

    /// - Parameter limit: how many items at most; a number outside of what is allowed counts as the nearest one within.
    public init(after cursor: PageCursor? = nil, limit: Int = 50, order: Order = .oldestFirst) {
        self.cursor = cursor
        self.limit = min(max(1, limit), Self.maxLimit)
        self.order = order
    }
}
