import GatewayCore
import Testing

@Suite struct CalendarZoneTests {
    private static let hour: Int64 = 3_600_000_000

    private func zone(_ identifier: String) throws -> CalendarZone { try #require(CalendarZone(identifier)) }

    /// The days of the change of clocks, by hand (IANA tzdata 2024a): how long they are, and when they begin.
    @Test(arguments: [
        ("UTC", "2026-03-29", 24.0, 1_774_742_400), ("Europe/Berlin", "2026-03-29", 23, 1_774_738_800),
        ("Europe/Berlin", "2026-10-25", 25, 1_792_879_200), ("America/New_York", "2026-03-08", 23, 1_772_946_000),
        ("America/New_York", "2026-11-01", 25, 1_793_505_600),
        ("Australia/Lord_Howe", "2026-04-05", 24.5, 1_775_307_600),
        ("Asia/Kolkata", "2026-04-01", 24, 1_774_981_800), ("Asia/Kathmandu", "2026-04-01", 24, 1_774_980_900),
        // Clocks change at midnight: the day begins at one.
        ("America/Havana", "2026-03-08", 23, 1_772_946_000),
    ])
    func `A day is as long as the zone's clocks say`(name: String, day: String, hours: Double, start: Int64) throws {
        let found = try #require(try zone(name).day(named: day))
        #expect(found.range.lowerBound == start * 1_000_000)
        #expect(Double(found.range.upperBound - found.range.lowerBound) / Double(Self.hour) == hours)
        #expect(try zone(name).day(of: found.range.lowerBound) == found)
        #expect(try zone(name).day(of: found.range.upperBound - 1) == found)
    }

    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana",
    ])
    func `The days of a range follow each other without a gap`(name: String) throws {
        let range = Int64(1_767_225_600_000_123)..<1_803_000_000_000_456
        let days = try zone(name).days(in: range)
        #expect(days.first?.range.lowerBound == range.lowerBound && days.last?.range.upperBound == range.upperBound)
        for (day, next) in zip(days, days.dropFirst()) {
            #expect(day.range.upperBound == next.range.lowerBound)
            #expect(day.name < next.name)
        }
    }

    @Test(arguments: ["CET", "Mars/Olympus", "", "GMT+3", "Europe/berlin "])
    func `What is not in the IANA database is no zone`(name: String) {
        #expect(CalendarZone(name) == nil)
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-3-1", "26-03-01", "2026-03", "2026-03-01x", "", "-1-03-01", "2026-00-10",
    ])
    func `What is not in the calendar is no day`(name: String) {
        #expect(CalendarZone.utc.day(named: name) == nil)
    }

    @Test func `The first of the month, by the zone's clocks`() throws {
        // 2026-03-31 23:30 in New York is April in UTC.
        let time: Int64 = 1_775_014_200_000_000
        #expect(CalendarZone.utc.startOfMonth(of: time) == 1_775_001_600_000_000)
        #expect(try zone("America/New_York").startOfMonth(of: time) == 1_772_341_200_000_000)
    }
}
