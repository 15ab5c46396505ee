public import GatewayCore

/// What is known of an attempt's cost before its provider is called.
public struct AttemptTerms: Sendable, Hashable {
    public let price: RoutePrice
    /// The most that the attempt can cost.
    public let hold: HoldFigure
    /// The field of the request that changes the price in a way that the price list does not cover; nil if none does.
    public let billingModifier: String?

    /// - Parameters:
    ///   - bodyBytes: of the body for the provider.
    ///   - defaultOutputTokens: `accounting.default_output_hold_tokens`.
    public init(price: RoutePrice, bounds: UsageBounds, bodyBytes: Int, defaultOutputTokens: Int64) {
        self.price = price
        hold = HoldFigure(bodyBytes: bodyBytes, bounds, price: price, defaultOutputTokens: defaultOutputTokens)
        // A price of the route's own is what the operator says that such requests cost.
        billingModifier = price.isOwn ? nil : bounds.billingModifier
    }

    /// The cost of the hold, and how it comes about.
    var held: (pricing: PricingStatus, cost: Money) {
        bill { _ throws(Unpriced) in
            guard let amount = hold.amount else { throw .notBounded }
            return amount
        }
    }

    /// The cost of the tokens, and how it comes about.
    func cost(of classes: TokenClasses) -> (pricing: PricingStatus, cost: Money) {
        bill { card throws(Unpriced) in try card.cost(of: classes) }
    }

    private func bill(
        _ cost: (RateCard) throws(Unpriced) -> Money
    ) -> (pricing: PricingStatus, cost: Money) {
        do throws(Unpriced) {
            if let billingModifier { throw .billingModifier(billingModifier) }
            switch price.terms {
            case .free: return (.free, .zero)
            case .unpriced(let why): throw why
            case .rates(let card): return (.priced, try cost(card))
            }
        } catch {
            return (.unpriced(reason: error.text), .zero)
        }
    }
}
