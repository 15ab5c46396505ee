import GatewayCore

/// The lines of a bill that are sums of a day.
struct SumComparison {
    private struct Key: Hashable {
        let day: String
        let model: String
    }

    private static let hour: Int64 = 3_600_000_000

    private let reconciliation: Reconciliation

    init(_ reconciliation: Reconciliation) {
        self.reconciliation = reconciliation
    }

    func compare(_ bill: [BillLine], _ ledger: [LedgerLine]) -> [Discrepancy] {
        let lines = Dictionary(grouping: bill) { line in
            Key(day: reconciliation.day(of: line), model: Reconciliation.plain(line.model ?? ""))
        }
        let days = Set(reconciliation.zone.days(in: reconciliation.period).map(\.name)).union(lines.keys.map(\.day))
        let (shift, rows) = bestShift(lines, ledger, days)
        var found = edges(of: shift, lines, ledger, rows)
        for key in Set(lines.keys).union(rows.keys).sorted(by: { ($0.day, $0.model) < ($1.day, $1.model) }) {
            found += discrepancy(key, lines[key] ?? [], rows[key] ?? [])
        }
        return found
    }

    /// By how many hours the bill's days begin earlier or later than those of the zone: the shift with which the fewest
    /// sums differ, and none if that is as good.
    private func bestShift(
        _ lines: [Key: [BillLine]], _ ledger: [LedgerLine], _ days: Set<String>
    ) -> (Int64, [Key: [LedgerLine]]) {
        var best = (shift: Int64(0), rows: rows(ledger, days, shiftedBy: 0))
        var least = differences(lines, best.rows)
        guard least > 0 else { return best }
        for hours in (1...14).flatMap({ [Int64($0), -Int64($0)] }) {
            let rows = rows(ledger, days, shiftedBy: hours * Self.hour)
            let number = differences(lines, rows)
            // A shift that explains only a few sums is a coincidence.
            if number < least, number * 2 <= differences(lines, best.rows) || number == 0 {
                (best, least) = ((hours * Self.hour, rows), number)
            }
        }
        return best
    }

    private func rows(
        _ ledger: [LedgerLine], _ days: Set<String>, shiftedBy shift: Int64
    ) -> [Key: [LedgerLine]] {
        var cache: CalendarZone.Day?
        var rows: [Key: [LedgerLine]] = [:]
        for line in ledger {
            let time = line.time + shift
            let day = cache.flatMap { $0.range.contains(time) ? $0 : nil } ?? reconciliation.zone.day(of: time)
            cache = day
            guard days.contains(day.name) else { continue }
            rows[Key(day: day.name, model: Reconciliation.plain(line.model)), default: []].append(line)
        }
        return rows
    }

    private func differences(_ lines: [Key: [BillLine]], _ rows: [Key: [LedgerLine]]) -> Int {
        Set(lines.keys).union(rows.keys).count { !discrepancy($0, lines[$0] ?? [], rows[$0] ?? []).isEmpty }
    }

    /// What comes into the bill's days, and what goes out of them, because they begin at other times.
    private func edges(
        of shift: Int64, _ lines: [Key: [BillLine]], _ ledger: [LedgerLine], _ rows: [Key: [LedgerLine]]
    ) -> [Discrepancy] {
        guard shift != 0 else { return [] }
        let billed = Dictionary(grouping: rows.values.joined(), by: { Reconciliation.plain($0.model) })
        let ours = Dictionary(
            grouping: ledger.filter { reconciliation.period.contains($0.time) },
            by: { Reconciliation.plain($0.model) })
        let hours = shift / Self.hour
        return Set(billed.keys).union(ours.keys).sorted().compactMap { model in
            let bill = (billed[model] ?? []).map(\.cost.nanodollars).reduce(0, +)
            let ledger = (ours[model] ?? []).map(\.cost.nanodollars).reduce(0, +)
            guard bill != ledger else { return nil }
            return Discrepancy(
                kind: .zoneEdge, day: reconciliation.zone.day(of: reconciliation.period.lowerBound).name,
                model: model, requestID: nil, bill: Money(nanodollars: bill), ledger: Money(nanodollars: ledger),
                note: "the bill's days begin \(abs(hours)) h \(hours > 0 ? "earlier" : "later") than those of "
                    + reconciliation.zone.identifier)
        }
    }

    private func discrepancy(_ key: Key, _ lines: [BillLine], _ rows: [LedgerLine]) -> [Discrepancy] {
        let pair = ComparedPair(
            day: key.day, model: key.model, requestID: nil,
            billClasses: lines.isEmpty
                ? TokenClasses() : lines.compactMap(\.classes).reduce(nil) { ($0 ?? TokenClasses()) + $1 },
            columns: lines.first?.columns ?? Set(TokenClass.allCases),
            billAmount: lines.isEmpty
                ? .zero
                : lines.compactMap(\.amount).reduce(nil) {
                    Money(nanodollars: ($0?.nanodollars ?? 0) + $1.nanodollars)
                }, precision: max(1, lines.map(\.precision).reduce(0, +)), rows: rows)
        guard let kind = pair.kind else { return [] }
        if rows.isEmpty { return [pair.discrepancy(.outsideTraffic)] }
        if lines.isEmpty { return pair.ledgerCost == .zero ? [] : [pair.discrepancy(.notOnBill)] }
        if let requests = requests(lines) {
            if requests > rows.count { return [pair.discrepancy(.outsideTraffic)] }
            if requests < rows.count, kind == .usage { return [pair.discrepancy(.notOnBill)] }
        }
        return [pair.discrepancy(kind)]
    }

    private func requests(_ lines: [BillLine]) -> Int? {
        let numbers = lines.compactMap(\.requests)
        return numbers.count == lines.count ? Int(clamping: numbers.reduce(0, +)) : nil
    }
}
