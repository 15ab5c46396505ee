/// What an attempt has cost, and how that is known: the part of its ledger entry that the log repeats.
public struct Charge: Sendable, Hashable {
    public let pricing: PricingStatus
    public let cost: Money
    public let usageSource: UsageSource?

    public init(_ entry: LedgerEntry) {
        pricing = entry.pricing
        cost = entry.cost
        usageSource = entry.usageSource
    }
}
