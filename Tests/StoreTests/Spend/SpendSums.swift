import GatewayCore
import Store

/// The sums of entries, added up in memory: what reports have to say.
struct SpendSums {
    let entries: [LedgerEntry]

    func total(_ keep: (LedgerEntry) -> Bool = { _ in true }) -> SpendFigures {
        entries.filter(keep).map(Self.figures).reduce(SpendFigures(), +)
    }

    func groups(_ value: (LedgerEntry) -> String?) -> [String: SpendFigures] {
        entries.reduce(into: [:]) { groups, entry in
            guard let value = value(entry) else { return }
            groups[value] = (groups[value] ?? SpendFigures()) + Self.figures(entry)
        }
    }

    private static func figures(_ entry: LedgerEntry) -> SpendFigures {
        var figures = SpendFigures()
        figures.requests = entry.id.attempt == 1 ? 1 : 0
        figures.attempts = 1
        figures.classes = entry.classes
        figures.cost = entry.cost
        if entry.usageSource == .estimated { figures.estimated = entry.cost }
        if entry.usageSource == .heldMaximum { figures.heldMaximum = entry.cost }
        switch entry.pricing {
        case .priced: break
        case .free: figures.freeAttempts = 1
        case .notBilled: figures.notBilledAttempts = 1
        case .unpriced:
            figures.unpricedAttempts = 1
            figures.unpricedTokens = TokenClass.allCases.map { entry.classes[$0] }.reduce(0, +)
        }
        return figures
    }
}
