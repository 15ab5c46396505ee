import GatewayCore

/// What a newer price list says differently. Models are `provider/model`, sorted; those without a price do not count.
public struct PriceListChanges: Sendable, Hashable {
    public let added: [String]
    public let repriced: [String]
    public let removed: [String]

    public var isEmpty: Bool { added.isEmpty && repriced.isEmpty && removed.isEmpty }

    public init(from old: PriceCatalogue, to new: PriceCatalogue) {
        let (before, after) = (old.prices, new.prices)
        added = after.keys.filter { before[$0] == nil }.sorted()
        repriced = after.filter { name, rates in before[name].map { $0 != rates } ?? false }.keys.sorted()
        removed = before.keys.filter { after[$0] == nil }.sorted()
    }
}
