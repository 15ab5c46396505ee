import Accounting
import GatewayCore
import Testing

@Suite struct ReconciliationTests {
    private typealias Fixture = BillFixture

    private func total(_ money: [Money]) -> Int64 { money.map(\.nanodollars).reduce(0, +) }

    /// What was found adds up to what bill and ledger differ by.
    private func checkSum(
        _ found: [Discrepancy], _ bill: [BillLine], _ ledger: [LedgerLine] = Fixture.ledger,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let billed = total(bill.compactMap(\.amount))
        let kept = total(ledger.filter { Fixture.april.contains($0.time) }.map(\.cost))
        #expect(total(found.map(\.difference)) == billed - kept, sourceLocation: location)
    }

    @Test func `A clean month has no differences, by request and by day`() {
        for bill in [Fixture.requests(), Fixture.days()] {
            #expect(Fixture.reconciliation.discrepancies(bill: bill, ledger: Fixture.ledger) == [])
        }
    }

    @Test func `A bill that is rounded to cents agrees`() {
        let bill = Fixture.days().map { line in
            let cents = ((line.amount?.nanodollars ?? 0) + 5_000_000) / 10_000_000
            return BillLine(
                line: line.line, time: line.time, model: line.model, requests: line.requests, classes: line.classes,
                columns: line.columns, amount: Money(nanodollars: cents * 10_000_000), precision: 5_000_000)
        }
        #expect(Fixture.reconciliation.discrepancies(bill: bill, ledger: Fixture.ledger) == [])
    }

    /// The eight defects of the issue in one bill, each found with its exact amount.
    @Test func `Every seeded defect is found to the nanodollar and named`() throws {
        let edge = Fixture.line(
            "900", Fixture.april.upperBound + 3_600_000_000, "small-1", TokenClasses(inputUncached: 5000), Fixture.small
        )
        let lost = Fixture.ledger[1]
        let ledger = Fixture.ledger.filter { $0 != lost } + [edge]
        var bill = Fixture.requests(Fixture.ledger + [edge])
        // A wrong price: the output at 12 instead of 10 dollars.
        let priced = Fixture.ledger[3]
        bill[3] = bill[3].with(amount: Money(nanodollars: priced.cost.nanodollars + priced.classes.outputText * 2000))
        // Another class: 50 tokens that the ledger has as cached are billed in full.
        let cached = Fixture.ledger[4].classes
        let moved = TokenClasses(
            inputUncached: cached.inputUncached + 50, inputCacheRead: cached.inputCacheRead - 50,
            outputText: cached.outputText)
        bill[4] = bill[4].with(classes: moved, amount: try Fixture.small.cost(of: moved))
        // Another tier: the short request at the rates of long ones.
        let tier = RateCard(base: Fixture.large.tiers[0].rates)
        bill[6] = bill[6].with(amount: try tier.cost(of: Fixture.ledger[6].classes))
        // A cancelled stream: 40 tokens more than the gateway saw.
        let seen = Fixture.ledger[7].classes
        let more = TokenClasses(
            inputUncached: seen.inputUncached, inputCacheRead: seen.inputCacheRead, outputText: seen.outputText + 40)
        bill[7] = bill[7].with(classes: more, amount: try Fixture.small.cost(of: more))
        // A discount of 12.5 %.
        bill[8] = bill[8].with(amount: Money(nanodollars: Fixture.ledger[8].cost.nanodollars * 875 / 1000))
        // Traffic that went round.
        bill.append(
            BillLine(
                line: 400, time: .day("2026-04-20"), requestID: "req_011CSHoEeqs5C35K2UUqR7Fy", model: "small-1",
                classes: TokenClasses(inputUncached: 9), amount: Money(nanodollars: 12_345)))

        let found = Fixture.reconciliation.discrepancies(bill: bill, ledger: ledger)
        let byKind = Dictionary(found.map { ($0.kind, $0) }) { first, _ in first }
        #expect(found.count == 8)
        func difference(_ kind: Discrepancy.Kind) -> Int64? { byKind[kind]?.difference.nanodollars }
        #expect(difference(.lostRow) == lost.cost.nanodollars)
        #expect(difference(.price) == priced.classes.outputText * 2000)
        #expect(byKind[.price]?.note == "output_text at 12.00 dollars per million on the bill")
        // 50 tokens at 0.25 instead of 0.025 dollars per million.
        #expect(difference(.cacheClass) == 11_250)
        #expect(difference(.tier) == (bill[6].amount?.nanodollars ?? 0) - Fixture.ledger[6].cost.nanodollars)
        #expect(difference(.cancelledStream) == 80_000)
        #expect(byKind[.discount]?.note == "the bill has 12.5 % less")
        #expect(difference(.outsideTraffic) == 12_345)
        #expect(difference(.zoneEdge) == edge.cost.nanodollars)
        checkSum(found, bill, ledger)
    }

    @Test func `Requests before the bill begins and after it ends are at the edge of its zone`() {
        // The bill's month is that of Los Angeles.
        let shift: Int64 = 7 * 3_600_000_000
        let later = Fixture.line(
            "901", Fixture.april.upperBound + shift - 60_000_000, "small-1", TokenClasses(inputUncached: 70),
            Fixture.small)
        let ledger = Fixture.ledger + [later]
        let bill = Fixture.requests(ledger.filter { $0.time >= Fixture.april.lowerBound + shift })
        let found = Fixture.reconciliation.discrepancies(bill: bill, ledger: ledger)
        #expect(found.map(\.kind) == [.zoneEdge, .zoneEdge, .zoneEdge])
        checkSum(found, bill, ledger)
    }

    @Test func `A request in the middle of the month that no line has is not on the bill, or was cancelled`() {
        let bill = Fixture.requests(Fixture.ledger.filter { ![Fixture.ledger[47], Fixture.ledger[50]].contains($0) })
        let found = Fixture.reconciliation.discrepancies(bill: bill, ledger: Fixture.ledger)
        #expect(found.map(\.kind) == [.cancelledStream, .notOnBill])
        checkSum(found, bill)
    }

    @Test(arguments: ["America/Los_Angeles", "Asia/Tokyo", "Europe/Berlin"])
    func `A bill by day in another zone is told by its edges alone`(name: String) throws {
        let zone = try #require(CalendarZone(name))
        // Also before and after the month, so that other rows come in.
        let ledger =
            Fixture.ledger
            + ([-2, 1, 5, 20] as [Int64]).map { hours in
                let time = (hours < 0 ? Fixture.april.lowerBound : Fixture.april.upperBound) + hours * 3_600_000_000
                return Fixture.line(
                    "\(910 + hours)", time, "large-1", TokenClasses(inputUncached: 7000 + hours), Fixture.large)
            }
        let bill = Fixture.days(ledger, zone: zone).filter { line in
            if case .day(let day) = line.time { day.hasPrefix("2026-04") } else { false }
        }
        let found = Fixture.reconciliation.discrepancies(bill: bill, ledger: ledger)
        #expect(found.allSatisfy { $0.kind == .zoneEdge })
        #expect(!found.isEmpty)
        checkSum(found, bill, ledger)
    }

    @Test func `Sums of a day: each defect by itself`() throws {
        let clean = Fixture.days()
        let index = try #require(clean.firstIndex { $0.model == "large-1" && $0.time == .day("2026-04-10") })
        let line = clean[index]
        let classes = try #require(line.classes)
        let amount = try #require(line.amount).nanodollars
        func with(_ changed: BillLine) -> [BillLine] {
            var bill = clean
            bill[index] = changed
            return bill
        }
        let moved = TokenClasses(
            inputUncached: classes.inputUncached + 9, inputCacheRead: classes.inputCacheRead - 9,
            outputText: classes.outputText)
        let cases: [(Discrepancy.Kind, [BillLine])] = [
            (.cacheClass, with(line.with(classes: moved, amount: Money(nanodollars: amount + 9 * 1125)))),
            (.discount, with(line.with(amount: Money(nanodollars: amount * 80 / 100)))),
            (.price, with(line.with(amount: Money(nanodollars: amount + 12_345_678)))),
            (
                .outsideTraffic,
                with(
                    line.with(
                        classes: TokenClasses(
                            inputUncached: classes.inputUncached + 1000, inputCacheRead: classes.inputCacheRead,
                            outputText: classes.outputText), amount: Money(nanodollars: amount + 1_250_000),
                        requests: (line.requests ?? 0) + 1))
            ),
            (.notOnBill, clean.filter { $0 != line }),
            (
                .outsideTraffic,
                clean + [
                    BillLine(
                        line: 99, time: .day("2026-04-10"), model: "unseen", requests: 1,
                        classes: TokenClasses(inputUncached: 5), amount: Money(nanodollars: 777))
                ]
            ),
            (
                .discount,
                clean + [
                    BillLine(line: 99, time: .day("2026-04-30"), model: nil, amount: Money(nanodollars: -5_000_000))
                ]
            ),
        ]
        for (kind, bill) in cases {
            let found = Fixture.reconciliation.discrepancies(bill: bill, ledger: Fixture.ledger)
            #expect(found.map(\.kind) == [kind])
            checkSum(found, bill)
        }
    }
}
