import GatewayCore

/// The lines of a bill that name their request.
struct RequestComparison {
    private let reconciliation: Reconciliation
    private let ledger: [LedgerLine]

    init(_ reconciliation: Reconciliation, _ ledger: [LedgerLine]) {
        self.reconciliation = reconciliation
        self.ledger = ledger
    }

    /// - Parameter isWholeBill: whether no other lines are there, so that what no line has is not on the bill.
    func compare(
        _ bill: [BillLine], isWholeBill: Bool
    ) -> (discrepancies: [Discrepancy], unmatched: [LedgerLine]) {
        let period = reconciliation.period
        let rows = Dictionary(grouping: ledger, by: \.requestID)
        // A request may have several lines, such as one for each class.
        let lines = Dictionary(grouping: bill) { $0.requestID ?? "" }
        var found: [Discrepancy] = []
        var matched: [Int64] = []
        for (id, lines) in lines {
            guard let first = lines.first else { continue }
            let pair = pair(lines, first, rows[id] ?? [])
            guard let time = rows[id]?.first?.time else {
                let kind: Discrepancy.Kind = Self.isOfGateway(id) ? .lostRow : .outsideTraffic
                found.append(pair.discrepancy(kind))
                continue
            }
            guard period.contains(time) else {
                // The ledger's rows of the period do not have it.
                found.append(
                    Discrepancy(
                        kind: .zoneEdge, day: pair.day, model: pair.model, requestID: id, bill: pair.amount,
                        ledger: .zero, note: "the ledger has it on \(reconciliation.zone.day(of: time).name)"))
                continue
            }
            matched.append(time)
            if let kind = pair.kind { found.append(pair.discrepancy(kind)) }
        }
        let unmatched = ledger.filter { lines[$0.requestID] == nil }
        if isWholeBill {
            let billed = (matched.min() ?? period.lowerBound)...(matched.max() ?? period.upperBound)
            found += unmatched.filter { period.contains($0.time) }.compactMap { missing($0, billed) }
        }
        return (found, unmatched)
    }

    private func pair(_ lines: [BillLine], _ first: BillLine, _ rows: [LedgerLine]) -> ComparedPair {
        ComparedPair(
            day: reconciliation.day(of: first), model: rows.first?.model ?? first.model ?? "",
            requestID: first.requestID,
            billClasses: lines.compactMap(\.classes).reduce(nil) { ($0 ?? TokenClasses()) + $1 },
            columns: first.columns,
            billAmount: lines.compactMap(\.amount).reduce(nil) {
                Money(nanodollars: ($0?.nanodollars ?? 0) + $1.nanodollars)
            },
            precision: lines.map(\.precision).reduce(0, +), rows: rows)
    }

    /// A row that no line of the bill has. Before the first and after the last row that is billed it belongs to the
    /// bill's neighbours, as their days begin at other times.
    private func missing(_ row: LedgerLine, _ billed: ClosedRange<Int64>) -> Discrepancy? {
        guard row.cost != .zero else { return nil }
        let period = reconciliation.period
        let isAtEdge =
            !billed.contains(row.time)
            && (row.time < period.lowerBound + Reconciliation.margin
                || row.time >= period.upperBound - Reconciliation.margin)
        let kind: Discrepancy.Kind = isAtEdge ? .zoneEdge : row.isComplete ? .notOnBill : .cancelledStream
        return Discrepancy(
            kind: kind, day: reconciliation.zone.day(of: row.time).name, model: row.model, requestID: row.requestID,
            bill: .zero, ledger: row.cost, note: "the bill does not have it")
    }

    /// The gateway's ids are UUIDs of version 7 (`UUIDv7`); providers have other forms.
    private static func isOfGateway(_ id: String) -> Bool {
        id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
    }
}
