public import GatewayCore

/// What an ending costs (docs/pricing-and-accounting.md, Endings).
extension LedgerEntry {
    /// The bytes of content that count as one token where a provider reports no usage: OpenAI's rule of thumb
    /// (https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them).
    private static var bytesPerToken: Int64 { 4 }

    /// The entry as it stands before the provider is called: if nothing more is heard of the attempt, it counts as the
    /// hold.
    public mutating func open(_ terms: AttemptTerms) {
        hold = terms.hold.amount ?? .zero
        price = terms.price.applied(forInput: terms.hold.inputTokens ?? 0)
        settle(.gatewayCrashed, .heldMaximum, TokenClasses(), terms.held)
    }

    /// The entry as it stands when the attempt has ended.
    /// - Parameter now: microseconds since 1970 UTC.
    public mutating func close(_ ending: AttemptEnding, _ terms: AttemptTerms, at now: Int64) {
        endedAt = now
        if let usage = ending.usage, ending.isBillable {
            let classes = TokenClasses(usage)
            price = terms.price.applied(forInput: classes.input)
            let source: UsageSource = ending.isComplete ? .providerFinal : .providerPartial
            settle(ending.reason, source, classes, terms.cost(of: classes))
        } else if ending.isBillable, ending.hasContent || ending.isComplete {
            estimate(ending, terms)
        } else if ending.isBillable, !ending.isReportedFailure {
            settle(ending.reason, .heldMaximum, TokenClasses(), terms.held)
        } else {
            price = nil
            settle(ending.reason, nil, TokenClasses(), (.notBilled, .zero))
        }
    }

    /// The most that the input can be, and the output that arrived.
    private mutating func estimate(_ ending: AttemptEnding, _ terms: AttemptTerms) {
        guard let input = terms.hold.inputTokens else {
            return settle(ending.reason, .heldMaximum, TokenClasses(), terms.held)
        }
        let output = (ending.outputBytes + Self.bytesPerToken - 1) / Self.bytesPerToken
        let classes = TokenClasses(inputUncached: input, outputText: output)
        price = terms.price.applied(forInput: input)
        settle(ending.reason, .estimated, classes, terms.cost(of: classes))
    }

    private mutating func settle(
        _ reason: EndReason, _ source: UsageSource?, _ classes: TokenClasses,
        _ amount: (pricing: PricingStatus, cost: Money)
    ) {
        endReason = reason
        usageSource = source
        self.classes = classes
        pricing = amount.pricing
        cost = amount.cost
    }
}

extension AttemptEnding {
    /// A provider bills what it has begun to answer, and perhaps what it never answered; not what it refused or never
    /// got.
    fileprivate var isBillable: Bool {
        wasSent && status.map { (200..<300).contains($0) } ?? true
    }
}
