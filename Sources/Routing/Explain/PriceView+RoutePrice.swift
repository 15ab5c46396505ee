public import GatewayCore

extension Explanation.PriceView {
    init(_ price: RoutePrice) {
        switch price.terms {
        case .free: self.init(status: PricingStatus.free.name, reason: nil, source: price.provenance, rates: [])
        case .unpriced(let why):
            let status = PricingStatus.unpriced(reason: why.text)
            self.init(status: status.name, reason: status.unpricedReason, source: nil, rates: [])
        case .rates(let card):
            self.init(
                status: PricingStatus.priced.name, reason: nil, source: price.provenance,
                rates: Rates.all(of: card))
        }
    }

    /// In one cell of a table.
    public var summary: String {
        guard let base = rates.first?.rates else { return reason.map { "\(status): \($0)" } ?? status }
        let amounts = [(TokenClass.inputUncached, "in"), (.outputText, "out")].compactMap { tokenClass, name in
            base[tokenClass.rawValue].map { "\($0) \(name)" }
        }
        return amounts.joined(separator: ", ") + (rates.count > 1 ? ", more for long inputs" : "")
    }
}

extension Explanation.PriceView.Rates {
    /// The base, then each tier.
    public static func all(of card: RateCard) -> [Self] {
        [Self(card.base, aboveInputTokens: nil)]
            + card.tiers.map { Self($0.rates, aboveInputTokens: $0.aboveInputTokens) }
    }

    private init(_ rates: TokenRates, aboveInputTokens: Int64?) {
        self.aboveInputTokens = aboveInputTokens
        self.rates = TokenClass.allCases.reduce(into: [:]) { $0[$1.rawValue] = rates.rate(of: $1)?.decimal }
    }
}
