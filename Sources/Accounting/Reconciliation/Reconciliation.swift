public import GatewayCore

/// Compares a provider's bill with the ledger, and names what differs.
///
/// Lines with a request's id are compared with the ledger's rows of that request; all other lines with the sums of
/// their day and model. Pure: the caller reads both.
public struct Reconciliation: Sendable {
    /// The time that the bill is about, microseconds since 1970 UTC.
    public let period: Range<Int64>
    /// In which the bill's days are read.
    public let zone: CalendarZone

    public init(period: Range<Int64>, zone: CalendarZone) {
        self.period = period
        self.zone = zone
    }

    /// How far beyond the period the ledger has to be read: no two zones' days are further apart.
    public static let margin: Int64 = 26 * 3_600_000_000

    /// - Parameters:
    ///   - bill: all of its lines.
    ///   - ledger: the rows of the period and of `margin` before and after it.
    /// - Returns: the differences, by day; their sum is that of the two totals, except for amounts within the bill's
    ///   own rounding.
    public func discrepancies(bill: [BillLine], ledger: [LedgerLine]) -> [Discrepancy] {
        let requests = bill.filter { $0.requestID != nil }
        let sums = bill.filter { $0.requestID == nil && $0.model != nil }
        var found = bill.filter { $0.requestID == nil && $0.model == nil }.compactMap(credit)
        var rest = ledger
        if !requests.isEmpty {
            let comparison = RequestComparison(self, ledger)
            let result = comparison.compare(requests, isWholeBill: sums.isEmpty)
            found += result.discrepancies
            rest = result.unmatched
        }
        if !sums.isEmpty { found += SumComparison(self).compare(sums, rest) }
        return found.sorted {
            ($0.day, $0.model, $0.requestID ?? "", $0.kind.rawValue) < (
                $1.day, $1.model, $1.requestID ?? "", $1.kind.rawValue
            )
        }
    }

    /// A line for no model: a credit, a discount on everything, or a fee.
    private func credit(_ line: BillLine) -> Discrepancy? {
        guard let amount = line.amount, amount != .zero else { return nil }
        return Discrepancy(
            kind: amount < .zero ? .discount : .price, day: day(of: line), model: "", requestID: nil, bill: amount,
            ledger: .zero, note: amount < .zero ? "a credit on the bill" : "a charge for no model")
    }

    func day(of line: BillLine) -> String {
        switch line.time {
        case .day(let name): name
        case .moment(let time): zone.day(of: time).name
        }
    }

    /// A model's id as both sides have it: providers bill snapshots, and routes may name aliases.
    static func plain(_ model: String) -> String {
        ModelIDNormalization.candidates(for: model).min { $0.count < $1.count } ?? model
    }
}
