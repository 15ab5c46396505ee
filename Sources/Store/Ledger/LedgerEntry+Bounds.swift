import GatewayCore

/// What the ledger takes. An entry that the database refused would hold up all entries behind it, for ever, so absurd
/// figures are brought within bounds instead: a provider can report anything.
extension LedgerEntry {
    /// More than any request has, and few enough that the sums of millions of entries do not overflow.
    static let maxTokens: Int64 = 1_000_000_000_000
    /// A million dollars: what costs more is a mistake in the figures.
    static let maxCost = Money(nanodollars: 1_000_000_000_000_000)

    /// The entry, as every engine can store it: tokens from 0 to `maxTokens`, and a cost only where it is priced. A
    /// cost beyond `maxCost` becomes `unpriced`.
    var bounded: LedgerEntry {
        var entry = self
        entry.classes = classes.map { min(max($0, 0), Self.maxTokens) }
        entry.hold = min(max(hold, .zero), Self.maxCost)
        if cost > Self.maxCost { entry.pricing = .unpriced(reason: Unpriced.costTooLarge.text) }
        if entry.pricing != .priced { entry.cost = .zero }
        entry.cost = max(entry.cost, .zero)
        return entry
    }
}

extension TokenClasses {
    fileprivate func map(_ change: (Int64) -> Int64) -> TokenClasses {
        TokenClasses(
            inputUncached: change(inputUncached), inputCacheRead: change(inputCacheRead),
            inputCacheWrite: change(inputCacheWrite), inputAudio: change(inputAudio), outputText: change(outputText),
            outputReasoning: change(outputReasoning), outputAudio: change(outputAudio))
    }
}
