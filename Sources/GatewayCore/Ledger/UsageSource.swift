/// Where the tokens of a ledger entry come from, in ascending order of trust: settling only climbs.
public enum UsageSource: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Nothing is known: the cost is the hold.
    case heldMaximum = "held_maximum"
    /// The bound on the input, and the output that was relayed.
    case estimated
    /// The provider's figures of an answer that was cut.
    case providerPartial = "provider_partial"
    /// The provider's figures of a complete answer.
    case providerFinal = "provider_final"

    /// The position in the order; larger is better.
    public var rank: Int {
        switch self {
        case .heldMaximum: 1
        case .estimated: 2
        case .providerPartial: 3
        case .providerFinal: 4
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}
