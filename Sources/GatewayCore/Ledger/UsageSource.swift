/// Where the tokens of a ledger entry come from, in ascending order of trust (`SettlementRank`).
public enum UsageSource: String, Sendable, Hashable, CaseIterable {
    /// Nothing is known: the cost is the hold.
    case heldMaximum = "held_maximum"
    /// The bound on the input, and the output that was relayed.
    case estimated
    /// The provider's figures of an answer that was cut.
    case providerPartial = "provider_partial"
    /// The provider's figures of a complete answer.
    case providerFinal = "provider_final"
}
