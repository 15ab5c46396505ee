/// The price of an attempt, as the ledger copies it: a later change of the price list never moves history.
public struct AppliedPrice: Sendable, Hashable {
    /// The row of `model_pricing`; nil for a price of the route's own.
    public let pricingID: String?
    /// The rates in nanodollars per million tokens, by class, as a JSON object.
    public let rates: String
    /// Where the price comes from, such as `models.dev 2026-11-20` or `route`.
    public let provenance: String

    public init(pricingID: String?, rates: String, provenance: String) {
        self.pricingID = pricingID
        self.rates = rates
        self.provenance = provenance
    }
}
