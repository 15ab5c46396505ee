/// Which of two figures for the same attempt the ledger keeps: the greater one. So it does not matter which arrives
/// first, nor how often.
///
/// The source of the usage decides: `held_maximum`, not billed, `estimated`, `provider_partial`, `provider_final`. That
/// the provider billed nothing is what the gateway saw, so it replaces the assumption of the worst; but usage that was
/// relayed or reported shows that the provider did bill. Of two figures with the same source, the one with the later
/// end counts, since only a gateway that saw the end has one; then the greater cost.
public struct SettlementRank: Sendable, Hashable, Comparable {
    private let source: Int
    private let endedAt: Int64
    private let cost: Money

    /// - Parameters:
    ///   - source: nil for an attempt that is not billed.
    ///   - endedAt: microseconds since 1970 UTC; nil if no gateway saw the end.
    public init(source: UsageSource?, endedAt: Int64?, cost: Money) {
        self.source =
            switch source {
            case .heldMaximum: 0
            case nil: 1
            case .estimated: 2
            case .providerPartial: 3
            case .providerFinal: 4
            }
        self.endedAt = endedAt ?? Int64.min
        self.cost = cost
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.source, left.endedAt, left.cost) < (right.source, right.endedAt, right.cost)
    }
}

extension LedgerEntry {
    /// How good its figures are.
    public var rank: SettlementRank { SettlementRank(source: usageSource, endedAt: endedAt, cost: cost) }
}
