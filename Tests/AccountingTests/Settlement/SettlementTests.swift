import Accounting
import GatewayCore
import Testing

/// What each ending costs: the table of docs/pricing-and-accounting.md, Endings. The bills are worked out by hand.
struct SettlementTests {
    /// $2.50 and $10 per million tokens.
    private static let card = RateCard(
        base: TokenRates(input: Money(nanodollars: 2_500_000_000), output: Money(nanodollars: 10_000_000_000)))
    private static let priced = RoutePrice(.rates(card), pricingID: "p1", provenance: "list 2026-01-01")

    private func terms(
        _ price: RoutePrice = priced, bytes: Int = 400, _ change: (inout UsageBounds) -> Void = { _ in }
    ) -> AttemptTerms {
        var bounds = UsageBounds()
        bounds.maxOutputTokens = 100
        change(&bounds)
        return AttemptTerms(price: price, bounds: bounds, bodyBytes: bytes, defaultOutputTokens: 4096)
    }

    private func opened(_ terms: AttemptTerms) -> LedgerEntry {
        var entry = LedgerEntry(
            id: LedgerEntry.ID(requestID: "r", attempt: 1), replicaID: "g",
            caller: Caller(keyID: "k", keyPublicID: "p"),
            operation: .chat, requestedModel: "m", resolvedModel: "m", provider: "openai", route: "m/1",
            upstreamModel: "gpt", pricing: .notBilled, hold: .zero, cost: .zero, endReason: .gatewayCrashed,
            usageSource: nil, admittedAt: 1, startedAt: 1)
        entry.open(terms)
        return entry
    }

    private func closed(
        _ reason: EndReason, _ terms: AttemptTerms? = nil, _ change: (inout AttemptEnding) -> Void
    ) -> LedgerEntry {
        let terms = terms ?? self.terms()
        var entry = opened(terms)
        var ending = AttemptEnding(reason)
        change(&ending)
        entry.close(ending, terms, at: 9)
        return entry
    }

    @Test func `Before the call an attempt costs its hold`() {
        let entry = opened(terms())
        // 400 × 2.5 + 100 × 10 dollars per million, and a nanodollar for each of the seven classes.
        #expect(entry.hold == Money(nanodollars: 2_000_007))
        #expect(entry.cost == entry.hold && entry.pricing == .priced && entry.usageSource == .heldMaximum)
        #expect(entry.endReason == .gatewayCrashed && entry.endedAt == nil)
        #expect(entry.price?.pricingID == "p1")
    }

    @Test func `A complete answer with usage costs its tokens`() {
        let entry = closed(.complete) {
            $0.status = 200
            $0.isComplete = true
            $0.hasContent = true
            $0.usage = TokenUsage(promptTokens: 1000, completionTokens: 20)
        }
        #expect(entry.cost == Money(nanodollars: 2_700_000) && entry.usageSource == .providerFinal)
        #expect(entry.classes == TokenClasses(inputUncached: 1000, outputText: 20) && entry.endedAt == 9)
    }

    @Test(arguments: [EndReason.clientCancelled, .upstreamTruncated, .upstreamError, .timeout, .shutdown])
    func `A cut answer with usage costs what the provider said so far`(reason: EndReason) {
        let entry = closed(reason) {
            $0.status = 200
            $0.hasContent = true
            $0.usage = TokenUsage(promptTokens: 1000, completionTokens: 1)
        }
        #expect(entry.cost == Money(nanodollars: 2_510_000) && entry.usageSource == .providerPartial)
        #expect(entry.endReason == reason)
    }

    @Test(arguments: [true, false])
    func `Content without usage is estimated`(isComplete: Bool) {
        let entry = closed(isComplete ? .complete : .clientCancelled) {
            $0.status = 200
            $0.isComplete = isComplete
            $0.hasContent = true
            $0.outputBytes = 41
        }
        // 400 bytes of body at one token each, and 41 bytes of content at four bytes a token.
        #expect(entry.classes == TokenClasses(inputUncached: 400, outputText: 11))
        #expect(entry.cost == Money(nanodollars: 1_110_000) && entry.usageSource == .estimated)
    }

    @Test(arguments: [EndReason.timeout, .clientCancelled, .upstreamError, .shutdown])
    func `A request that was sent and not answered costs its hold`(reason: EndReason) {
        for status in [nil, 200] as [Int?] {
            let entry = closed(reason) { $0.status = status }
            #expect(entry.cost == entry.hold && entry.usageSource == .heldMaximum && entry.pricing == .priced)
            #expect(entry.classes == TokenClasses())
        }
    }

    @Test(arguments: [400, 404, 429, 500, 503])
    func `A refusal costs nothing`(status: Int) {
        let entry = closed(.upstreamError) {
            $0.status = status
            $0.usage = TokenUsage(promptTokens: 5, completionTokens: 5)
        }
        #expect(entry.pricing == .notBilled && entry.cost == .zero && entry.usageSource == nil && entry.price == nil)
    }

    @Test func `A provider that was not reached, or that reports its failure first, bills nothing`() {
        #expect(closed(.upstreamError) { $0.wasSent = false }.pricing == .notBilled)
        let reported = closed(.upstreamError) {
            $0.status = 200
            $0.isReportedFailure = true
        }
        #expect(reported.pricing == .notBilled && reported.cost == .zero)
    }

    @Test func `Without a price the row says why, whatever the ending`() {
        let terms = terms(.unknown)
        let expected = PricingStatus.unpriced(reason: "no_price")
        #expect(opened(terms).pricing == expected)
        let entry = closed(.complete, terms) {
            $0.isComplete = true
            $0.usage = TokenUsage(promptTokens: 1, completionTokens: 1)
        }
        #expect(entry.pricing == expected && entry.cost == .zero && entry.classes.input == 1)
        #expect(closed(.timeout, terms) { _ in }.pricing == expected)
    }

    @Test func `A free route costs nothing and is not unpriced`() {
        let entry = closed(.complete, terms(.free)) {
            $0.isComplete = true
            $0.usage = TokenUsage(promptTokens: 1, completionTokens: 1)
        }
        #expect(entry.pricing == .free && entry.cost == .zero && entry.usageSource == .providerFinal)
    }

    @Test func `What changes the price is not priced by the list, but by a price of the route's own`() {
        let own = RoutePrice(.rates(Self.card), isOwn: true, provenance: "route")
        for (price, expected) in [
            (Self.priced, PricingStatus.unpriced(reason: "billing_modifier:service_tier")), (own, .priced),
        ] {
            let terms = terms(price) { $0.billingModifier = "service_tier" }
            let entry = closed(.complete, terms) {
                $0.isComplete = true
                $0.usage = TokenUsage(promptTokens: 1, completionTokens: 1)
            }
            #expect(entry.pricing == expected && opened(terms).pricing == expected)
        }
    }

    @Test func `An input without a bound has no hold`() {
        let terms = terms { $0.hasUnboundedInput = true }
        let entry = opened(terms)
        #expect(entry.hold == .zero && entry.pricing == .unpriced(reason: "cost_not_bounded"))
        let cut = closed(.clientCancelled, terms) {
            $0.status = 200
            $0.hasContent = true
        }
        #expect(cut.pricing == .unpriced(reason: "cost_not_bounded") && cut.usageSource == .heldMaximum)
    }

    @Test(arguments: [
        TokenUsage(promptTokens: .max, completionTokens: .max, totalTokens: .max),
        TokenUsage(promptTokens: 1 << 61, completionTokens: 1),
    ])
    func `Absurd usage is no cost and no crash`(usage: TokenUsage) {
        let entry = closed(.complete) {
            $0.isComplete = true
            $0.usage = usage
        }
        #expect(entry.pricing == .unpriced(reason: "cost_too_large") && entry.cost == .zero)
    }
}
