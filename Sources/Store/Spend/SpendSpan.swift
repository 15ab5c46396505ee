/// A range of time as whole UTC days and whole hours, whose sums are stored, and what is left of it at its two ends,
/// which the ledger's own rows have.
struct SpendSpan: Hashable {
    /// From the beginning of a day to that of another one; empty if there is no whole day.
    let days: Range<Int64>
    /// Before and after the days.
    let hours: [Range<Int64>]
    /// Before and after the hours; empty where the range begins or ends with one.
    let edges: [Range<Int64>]

    init(_ range: Range<Int64>) {
        let (hours, edges) = Self.split(range, at: SumGroup.hour(of:), SumGroup.hour)
        let (days, rest) = Self.split(hours, at: SumGroup.day(of:), SumGroup.day)
        self.days = days
        self.hours = rest
        self.edges = edges
    }

    /// The hours, without the days.
    static func hours(of range: Range<Int64>) -> Range<Int64> {
        split(range, at: SumGroup.hour(of:), SumGroup.hour).whole
    }

    var hasEdges: Bool { edges.contains { !$0.isEmpty } }

    private static func split(
        _ range: Range<Int64>, at start: (Int64) -> Int64, _ length: Int64
    ) -> (whole: Range<Int64>, rest: [Range<Int64>]) {
        let first = start(range.lowerBound + length - 1)
        let last = start(range.upperBound)
        guard first <= last else { return (first..<first, [range, first..<first]) }
        return (first..<last, [range.lowerBound..<first, last..<range.upperBound])
    }
}
