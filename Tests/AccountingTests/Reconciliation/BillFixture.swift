import Accounting
import GatewayCore

/// A month of a ledger, and the bill that a provider would send for it.
struct BillFixture {
    /// April 2026 in UTC.
    static let april = Int64(1_775_001_600_000_000)..<1_777_593_600_000_000
    static let reconciliation = Reconciliation(period: april, zone: .utc)

    static func rate(_ dollars: String) -> Money { Money(decimal: dollars) ?? .zero }

    static let small = RateCard(base: TokenRates(input: rate("0.25"), output: rate("2"), cacheRead: rate("0.025")))
    static let large = RateCard(
        base: TokenRates(input: rate("1.25"), output: rate("10"), cacheRead: rate("0.125")),
        tiers: [
            RateCard.Tier(
                aboveInputTokens: 200_000,
                rates: TokenRates(input: rate("2.5"), output: rate("15"), cacheRead: rate("0.25")))
        ])

    /// Five requests a day, two models, some over the limit of the tier, some cancelled.
    static let ledger: [LedgerLine] = (0..<150).map { number in
        let isLarge = number % 3 == 0
        let time = april.lowerBound + Int64(number) * 17_280_000_000 + 3_600_000_000
        let classes = TokenClasses(
            inputUncached: Int64(1000 + number * 37) + (number % 15 == 0 ? 210_000 : 0),
            inputCacheRead: Int64(number * 11 + 100), outputText: Int64(200 + number * 7))
        return line(
            String(number), time, isLarge ? "large-1" : "small-1-2026-02-02", classes, isLarge ? large : small,
            isComplete: number % 20 != 7)
    }

    static func line(
        _ number: String, _ time: Int64, _ model: String, _ classes: TokenClasses, _ card: RateCard,
        isComplete: Bool = true
    ) -> LedgerLine {
        LedgerLine(
            requestID: id(number), time: time, model: model, classes: classes,
            cost: (try? card.cost(of: classes)) ?? .zero, isComplete: isComplete, card: card)
    }

    static func id(_ number: String) -> String {
        "019d0000-0000-7000-8000-" + String(repeating: "0", count: 12 - number.count) + number
    }

    /// One line for each request.
    static func requests(_ ledger: [LedgerLine] = ledger) -> [BillLine] {
        ledger.enumerated().map { number, row in
            BillLine(
                line: number + 2, time: .moment(row.time), requestID: row.requestID, model: row.model,
                classes: row.classes, amount: row.cost)
        }
    }

    /// One line for each model and day, as most providers bill; the model without its date.
    static func days(_ ledger: [LedgerLine] = ledger, zone: CalendarZone = .utc, shiftedBy shift: Int64 = 0)
        -> [BillLine]
    {
        let groups = Dictionary(grouping: ledger) { row in
            [zone.day(of: row.time + shift).name, row.model.replacing("-2026-02-02", with: "")]
        }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.enumerated().map { number, group in
            BillLine(
                line: number + 2, time: .day(group.key[0]), model: group.key[1], requests: Int64(group.value.count),
                classes: group.value.map(\.classes).reduce(TokenClasses()) { sum, next in
                    TokenClasses(
                        inputUncached: sum.inputUncached + next.inputUncached,
                        inputCacheRead: sum.inputCacheRead + next.inputCacheRead,
                        outputText: sum.outputText + next.outputText)
                }, columns: [.inputUncached, .inputCacheRead, .outputText],
                amount: Money(nanodollars: group.value.map(\.cost.nanodollars).reduce(0, +)))
        }
    }
}

extension BillLine {
    func with(
        id: String?? = nil, time: Time? = nil, classes: TokenClasses? = nil, amount: Money? = nil,
        requests: Int64? = nil
    ) -> BillLine {
        BillLine(
            line: line, time: time ?? self.time, requestID: id ?? requestID, model: model,
            requests: requests ?? self.requests, classes: classes ?? self.classes, columns: columns,
            amount: amount ?? self.amount, precision: precision)
    }
}
