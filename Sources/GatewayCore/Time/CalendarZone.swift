import Foundation

/// A time zone of the IANA database, for the days of reports. All times are microseconds since 1970 UTC.
///
/// A day is what the clocks of the zone say, so it has 23 or 25 hours where they change.
public struct CalendarZone: Sendable, Hashable {
    /// A day of the zone.
    public struct Day: Sendable, Hashable {
        /// As `2026-03-29`.
        public let name: String
        public let range: Range<Int64>
    }

    public let identifier: String
    private let calendar: Calendar

    public static let utc = CalendarZone(identifier: "UTC", timeZone: .gmt)

    /// - Parameter identifier: such as `Europe/Berlin`, or `UTC`. Abbreviations such as `CET` are ambiguous: nil.
    public init?(_ identifier: String) {
        guard identifier == "UTC" || identifier.contains("/"), let zone = TimeZone(identifier: identifier) else {
            return nil
        }
        self.init(identifier: identifier, timeZone: zone)
    }

    private init(identifier: String, timeZone: TimeZone) {
        self.identifier = identifier
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        self.calendar = calendar
    }

    /// The days that the range has a part of, in order. The ranges of the first and the last one are cut to it.
    public func days(in range: Range<Int64>) -> [Day] {
        var days: [Day] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let day = day(of: start)
            let end = min(max(day.range.upperBound, start + 1), range.upperBound)
            days.append(Day(name: day.name, range: start..<end))
            start = end
        }
        return days
    }

    /// The day of a moment.
    public func day(of time: Int64) -> Day {
        let start = calendar.startOfDay(for: Self.date(time))
        // The clocks change by less than half a day, so this is in the next one.
        let next = calendar.startOfDay(for: start.addingTimeInterval(36 * 3600))
        let parts = calendar.dateComponents([.year, .month, .day], from: Self.date(time))
        let name = Self.name(parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
        return Day(name: name, range: Self.time(start)..<Self.time(next))
    }

    /// The day with a name such as `2026-03-29`; nil if there is no such day.
    public func day(named name: String) -> Day? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let number = parts[2] else { return nil }
        guard (1970...2262).contains(year) else { return nil }
        // Noon is in every day, whatever the clocks do at midnight.
        let components = DateComponents(year: year, month: month, day: number, hour: 12)
        guard let noon = calendar.date(from: components) else { return nil }
        let day = day(of: Self.time(noon))
        return day.name == name ? day : nil
    }

    /// The first moment of the month of a moment.
    public func startOfMonth(of time: Int64) -> Int64 {
        day(named: day(of: time).name.prefix(8) + "01")?.range.lowerBound ?? time
    }

    private static func date(_ time: Int64) -> Date {
        Date(timeIntervalSince1970: (Double(time) / 1_000_000).rounded(.down))
    }

    private static func time(_ date: Date) -> Int64 {
        Int64(date.timeIntervalSince1970.rounded()) * 1_000_000
    }

    private static func name(_ year: Int, _ month: Int, _ day: Int) -> String {
        let texts = [(year, 4), (month, 2), (day, 2)].map { number, width in
            String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
        }
        return texts.joined(separator: "-")
    }
}
