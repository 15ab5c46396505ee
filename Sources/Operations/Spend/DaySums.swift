import Store

/// The sum of a day: of its whole UTC hours, and of the parts of hours at its ends, where the zone's days do not begin
/// with an hour of UTC.
struct DaySums {
    private static let hour: Int64 = 3_600_000_000

    private let range: Range<Int64>

    init(_ range: Range<Int64>) {
        self.range = range
    }

    /// - Parameters:
    ///   - hours: by their beginnings.
    ///   - part: the sums of a part of an hour.
    func sum(
        _ hours: [Int64: SpendFigures], part: (Range<Int64>) throws -> SpendFigures
    ) rethrows -> SpendFigures {
        let first = (range.lowerBound + Self.hour - 1) / Self.hour * Self.hour
        let last = range.upperBound / Self.hour * Self.hour
        guard first <= last else { return try part(range) }
        var sum = SpendFigures()
        for hour in stride(from: first, to: last, by: Int(Self.hour)) { sum = sum + (hours[hour] ?? SpendFigures()) }
        if range.lowerBound < first { sum = sum + (try part(range.lowerBound..<first)) }
        if last < range.upperBound { sum = sum + (try part(last..<range.upperBound)) }
        return sum
    }
}
