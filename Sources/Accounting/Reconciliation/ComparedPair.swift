import GatewayCore

/// What the bill and the ledger say about the same: a request, or a day of a model.
struct ComparedPair {
    let day: String
    let model: String
    let requestID: String?
    let billClasses: TokenClasses?
    let columns: Set<TokenClass>
    let billAmount: Money?
    /// How exact the bill's amount is.
    let precision: Int64
    let rows: [LedgerLine]

    var ledgerCost: Money { Money(nanodollars: rows.map(\.cost.nanodollars).reduce(0, +)) }

    /// What the bill has, or would have at the ledger's rates where an export has no amounts.
    var amount: Money { billAmount ?? assumedAmount }

    private var ledgerClasses: TokenClasses {
        rows.map(\.classes).reduce(TokenClasses(), +).limited(to: columns)
    }

    private var hasSameTokens: Bool { billClasses.map { $0 == ledgerClasses } ?? true }

    private var hasSameAmount: Bool {
        guard let billAmount else { return hasSameTokens }
        return abs(billAmount.nanodollars - ledgerCost.nanodollars) <= precision
    }

    /// Nil if bill and ledger agree.
    var kind: Discrepancy.Kind? {
        guard !(hasSameTokens && hasSameAmount) else { return nil }
        if !hasSameTokens, let billClasses {
            if rows.contains(where: { !$0.isComplete }) { return .cancelledStream }
            let isInputSame = billClasses.input == ledgerClasses.input && billClasses.output == ledgerClasses.output
            return isInputSame ? .cacheClass : .usage
        }
        // The bill has no tokens to compare, so an estimate is the likelier reason.
        if billClasses == nil, rows.contains(where: { !$0.isComplete }) { return .cancelledStream }
        if isOtherTier { return .tier }
        return discountPermille == nil ? .price : .discount
    }

    /// Whether the bill's amount is that of one tier for all of the rows, which is not theirs.
    private var isOtherTier: Bool {
        let cards = rows.map(\.card)
        let count = cards.compactMap { $0?.tiers.count }.max() ?? 0
        guard count > 0, let billAmount else { return false }
        return (0...count).contains { tier in
            var sum: Int64 = 0
            for row in rows {
                guard let card = row.card, let cost = card.cost(of: row.classes, tier: tier) else { return false }
                sum += cost.nanodollars
            }
            return abs(sum - billAmount.nanodollars) <= precision + Int64(rows.count)
        }
    }

    /// The share that the bill leaves out, in thousandths, if it is a whole number of them.
    ///
    /// A bill that is rounded too coarsely to tell has none.
    var discountPermille: Int64? {
        let cost = ledgerCost.nanodollars
        guard let billAmount, billAmount.nanodollars < cost, billAmount.nanodollars >= 0, cost > 4000 * precision else {
            return nil
        }
        let permille = Int64((Int128(cost - billAmount.nanodollars) * 1000 + Int128(cost / 2)) / Int128(cost))
        let expected = Int64(Int128(cost) * Int128(1000 - permille) / 1000)
        // Each row may be rounded on its own.
        let isExact = abs(expected - billAmount.nanodollars) <= precision + Int64(rows.count)
        return isExact && permille > 0 ? permille : nil
    }

    /// The class whose rate alone explains the difference, and the bill's rate of it in nanodollars per million.
    func otherRate() -> (TokenClass, Money)? {
        guard let billAmount, let card = rows.first?.card, rows.count == 1, let row = rows.first else { return nil }
        let difference = billAmount.nanodollars - ledgerCost.nanodollars
        for tokenClass in TokenClass.allCases where row.classes[tokenClass] > 0 {
            guard let rate = card.rates(forInput: row.classes.input).rate(of: tokenClass) else { continue }
            let tokens = Int128(row.classes[tokenClass])
            let change = Int128(difference) * 1_000_000 / tokens
            // List prices have at most three decimals: a rate that is not round is a coincidence.
            let other = Int64(clamping: (Int128(rate.nanodollars) + change + 500_000) / 1_000_000 * 1_000_000)
            guard let cost = Money(nanodollars: other).cost(of: row.classes[tokenClass]),
                let former = rate.cost(of: row.classes[tokenClass])
            else { continue }
            if abs(cost.nanodollars - former.nanodollars - difference) <= precision + 1 {
                return (tokenClass, Money(nanodollars: other))
            }
        }
        return nil
    }

    private var assumedAmount: Money {
        guard !hasSameTokens, let billClasses, let card = rows.first?.card,
            let cost = card.cost(of: billClasses, tier: 0)
        else { return ledgerCost }
        return cost
    }

    func discrepancy(_ kind: Discrepancy.Kind) -> Discrepancy {
        Discrepancy(
            kind: kind, day: day, model: model, requestID: requestID, bill: amount, ledger: ledgerCost,
            note: note(kind))
    }

    private func note(_ kind: Discrepancy.Kind) -> String {
        switch kind {
        case .discount: "the bill has \(Double(discountPermille ?? 0) / 10) % less"
        case .price:
            otherRate().map { "\($0.rawValue) at \($1.decimal) dollars per million on the bill" }
                ?? "the same tokens at another price"
        case .tier: "the rates of another context tier"
        case .cacheClass, .usage, .cancelledStream:
            TokenClass.allCases.compactMap { tokenClass in
                guard let bill = billClasses?[tokenClass] else { return nil }
                let ledger = ledgerClasses[tokenClass]
                return bill == ledger ? nil : "\(tokenClass.rawValue) \(bill) on the bill, \(ledger) in the ledger"
            }
            .joined(separator: "; ")
        case .lostRow, .outsideTraffic, .zoneEdge, .notOnBill: ""
        }
    }
}

extension TokenClasses {
    static func + (left: Self, right: Self) -> Self {
        TokenClasses(
            inputUncached: left.inputUncached + right.inputUncached,
            inputCacheRead: left.inputCacheRead + right.inputCacheRead,
            inputCacheWrite: left.inputCacheWrite + right.inputCacheWrite,
            inputAudio: left.inputAudio + right.inputAudio, outputText: left.outputText + right.outputText,
            outputReasoning: left.outputReasoning + right.outputReasoning,
            outputAudio: left.outputAudio + right.outputAudio)
    }

    var output: Int64 { outputText + outputReasoning + outputAudio }

    /// With the tokens of the classes that a bill does not tell apart in the two general ones.
    func limited(to columns: Set<TokenClass>) -> TokenClasses {
        var classes = self
        func take(
            _ tokenClass: TokenClass, _ path: WritableKeyPath<TokenClasses, Int64>,
            _ parent: WritableKeyPath<TokenClasses, Int64>
        ) {
            guard !columns.contains(tokenClass) else { return }
            classes[keyPath: parent] += classes[keyPath: path]
            classes[keyPath: path] = 0
        }
        take(.inputCacheRead, \.inputCacheRead, \.inputUncached)
        take(.inputCacheWrite, \.inputCacheWrite, \.inputUncached)
        take(.inputAudio, \.inputAudio, \.inputUncached)
        take(.outputReasoning, \.outputReasoning, \.outputText)
        take(.outputAudio, \.outputAudio, \.outputText)
        return classes
    }
}

extension RateCard {
    /// The cost at the rates of a tier, 0 for the base, whatever the input is; nil if a class has no rate.
    func cost(of classes: TokenClasses, tier: Int) -> Money? {
        guard tier <= tiers.count else { return nil }
        let rates = tier == 0 ? base : tiers[tier - 1].rates
        return try? RateCard(base: rates).cost(of: classes)
    }
}
