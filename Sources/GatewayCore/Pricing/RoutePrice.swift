/// What the provider of a route bills, as the routing in effect has it.
///
/// An immutable object, since every attempt holds the price of its route.
public final class RoutePrice: Sendable {
    public enum Terms: Sendable, Hashable {
        /// The operator says that the route costs nothing.
        case free
        case rates(RateCard)
        /// The provider bills something, and the gateway does not know how much.
        case unpriced(Unpriced)
    }

    public let terms: Terms
    /// Whether the route has a price of its own, in place of the price list's.
    public let isOwn: Bool
    /// The row of `model_pricing` that the rates are from; nil for a price of the route's own and without one.
    public let pricingID: String?
    /// Where the price comes from, such as `models.dev 2026-11-28` or `route`; empty without one.
    public let provenance: String
    /// The tokens that the model takes, input and output together; nil if unknown.
    public let contextTokens: Int64?
    /// The tokens of one answer; nil if unknown.
    public let outputTokens: Int64?

    /// The rates as the ledger copies them: the base, then each tier.
    private let applied: [AppliedPrice]

    public init(
        _ terms: Terms, isOwn: Bool = false, pricingID: String? = nil, provenance: String = "",
        contextTokens: Int64? = nil,
        outputTokens: Int64? = nil
    ) {
        self.terms = terms
        self.isOwn = isOwn
        self.pricingID = pricingID
        self.provenance = provenance
        self.contextTokens = contextTokens
        self.outputTokens = outputTokens
        applied =
            if case .rates(let card) = terms {
                ([card.base] + card.tiers.map(\.rates)).map {
                    AppliedPrice(pricingID: pricingID, rates: $0.json, provenance: provenance)
                }
            } else { [] }
    }

    /// No price is known.
    public static let unknown = RoutePrice(.unpriced(.noPrice))

    /// The operator's own `free`.
    public static let free = RoutePrice(.free, isOwn: true, provenance: "route")

    /// The same price, with the operator's own limits of the model where there are any.
    public func limited(contextTokens: Int64?, outputTokens: Int64?) -> RoutePrice {
        guard contextTokens != nil || outputTokens != nil else { return self }
        return RoutePrice(
            terms, isOwn: isOwn, pricingID: pricingID, provenance: provenance,
            contextTokens: contextTokens ?? self.contextTokens, outputTokens: outputTokens ?? self.outputTokens)
    }

    /// What the ledger copies for a request with so much input; nil without rates.
    public func applied(forInput tokens: Int64) -> AppliedPrice? {
        guard case .rates(let card) = terms else { return nil }
        return applied[card.tierIndex(forInput: tokens)]
    }
}

extension RoutePrice: Hashable {
    public static func == (left: RoutePrice, right: RoutePrice) -> Bool {
        left === right
            || left.terms == right.terms && left.isOwn == right.isOwn && left.pricingID == right.pricingID
                && left.provenance == right.provenance
                && left.contextTokens == right.contextTokens && left.outputTokens == right.outputTokens
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(terms)
        hasher.combine(provenance)
    }
}
