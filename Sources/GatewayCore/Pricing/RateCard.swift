/// What an upstream model costs: rates per million tokens, and higher ones for long inputs.
public struct RateCard: Sendable, Hashable {
    /// The rates of requests with more input than a limit.
    public struct Tier: Sendable, Hashable {
        /// The rates apply to the whole request, output included, if its input exceeds this number of tokens.
        public let aboveInputTokens: Int64
        public let rates: TokenRates

        public init(aboveInputTokens: Int64, rates: TokenRates) {
            self.aboveInputTokens = aboveInputTokens
            self.rates = rates
        }
    }

    /// The rates of requests in no tier.
    public let base: TokenRates
    /// By ascending limit.
    public let tiers: [Tier]

    public init(base: TokenRates, tiers: [Tier] = []) {
        self.base = base
        self.tiers = tiers.sorted { $0.aboveInputTokens < $1.aboveInputTokens }
    }

    /// The rates of a request with so much input.
    ///
    /// Google and OpenAI bill a request over the limit at the higher rates as a whole, not only what is beyond it
    /// (https://ai.google.dev/gemini-api/docs/pricing, https://platform.openai.com/docs/pricing).
    public func rates(forInput tokens: Int64) -> TokenRates {
        tiers.last { tokens > $0.aboveInputTokens }?.rates ?? base
    }

    /// Which rates apply to a request with so much input: 0 for the base, then the tiers by ascending limit.
    func tierIndex(forInput tokens: Int64) -> Int {
        tiers.lastIndex { tokens > $0.aboveInputTokens }.map { $0 + 1 } ?? 0
    }

    /// The cost of the tokens.
    ///
    /// Each class is `tokens × rate / 10⁶`, computed with 128 bits and rounded half up once; the cost is the sum.
    /// - Throws: `Unpriced` if a class with tokens has no rate, or the amount does not fit into 64 bits.
    public func cost(of classes: TokenClasses) throws(Unpriced) -> Money {
        let rates = rates(forInput: classes.input)
        var total: Int64 = 0
        for tokenClass in TokenClass.allCases {
            let tokens = classes[tokenClass]
            guard tokens != 0 else { continue }
            guard let rate = rates.rate(of: tokenClass) else { throw .missingRate(tokenClass) }
            guard let cost = rate.cost(of: tokens) else { throw .costTooLarge }
            let (sum, overflow) = total.addingReportingOverflow(cost.nanodollars)
            guard !overflow else { throw .costTooLarge }
            total = sum
        }
        return Money(nanodollars: total)
    }
}

extension Money {
    /// The cost of a number of tokens at this rate per million, rounded half up to a nanodollar; nil if it does not fit
    /// into 64 bits, or if one of them is negative.
    public func cost(of tokens: Int64) -> Money? {
        guard tokens >= 0, nanodollars >= 0 else { return nil }
        let product = Int128(tokens) * Int128(nanodollars)
        return Int64(exactly: (product + 500_000) / 1_000_000).map(Money.init)
    }
}

/// Why an attempt has no cost although it was billed. Its row in the ledger says so, instead of a silent zero.
public enum Unpriced: Error, Sendable, Hashable {
    /// Neither the route nor the price list has a price for the model.
    case noPrice
    /// The price list has no rate for tokens of a class that were used.
    case missingRate(TokenClass)
    /// A field of the request changes the price in a way that the price list does not cover.
    case billingModifier(String)
    /// There is no bound on what the request may use, and it is not known what it used.
    case notBounded
    /// The tokens or the cost exceed what can be counted; a provider's mistake.
    case costTooLarge

    /// As the ledger stores it.
    public var text: String {
        switch self {
        case .noPrice: "no_price"
        case .missingRate(let tokenClass): "missing_rate:\(tokenClass.rawValue)"
        case .billingModifier(let field): "billing_modifier:\(field)"
        case .notBounded: "cost_not_bounded"
        case .costTooLarge: "cost_too_large"
        }
    }
}
