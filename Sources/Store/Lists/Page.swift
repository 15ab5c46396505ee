/// One page of a list.
public struct Page<Element: Sendable>: Sendable {
    /// In the order of the request.
    public let items: [Element]
    /// Where the next page begins; nil for the last one.
    public let next: PageCursor?

    /// A page with what follows it.
    public init(items: [Element], next: PageCursor?) {
        self.items = items
        self.next = next
    }
}

extension Page: Equatable where Element: Equatable {}
