import ArgumentParser
import Foundation
import GatewayCore

/// From when to when, on whose clocks.
struct SpendPeriodOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The first day, such as 2026-03-01, or a time such as 2026-03-01T06:00:00Z (default: the first of this month).",
            valueName: "day"))
    var from: String?
    @Option(
        help: ArgumentHelp(
            "The last day, which is included, or a time, at which the report ends (default: now).", valueName: "day"))
    var to: String?
    @Option(help: ArgumentHelp("A whole month, such as 2026-03, instead of --from and --to.", valueName: "month"))
    var month: String?
    @Option(
        help: ArgumentHelp("The IANA time zone of the days, such as Europe/Berlin.", valueName: "zone"))
    var timeZone = "UTC"

    func validate() throws {
        _ = try resolved(now: 0, validatesOnly: true)
    }

    /// Whether the operator gave neither a beginning, nor an end, nor a month.
    var isDefault: Bool { from == nil && to == nil && month == nil }

    /// - Parameter now: microseconds since 1970 UTC.
    func resolved(now: Int64, validatesOnly: Bool = false) throws -> (Range<Int64>, CalendarZone) {
        guard let zone = CalendarZone(timeZone) else {
            throw ValidationError(
                "`\(timeZone)` is no time zone of the IANA database; write UTC or a name such as Europe/Berlin.")
        }
        if let month {
            guard from == nil, to == nil else { throw ValidationError("Give --month, or --from and --to.") }
            guard month.count == 7, let first = zone.day(named: month + "-01") else {
                throw ValidationError("`\(month)` is no month; write it as 2026-03.")
            }
            // The first of the next month is 31 days and 12 hours later at the latest.
            let inNext = first.range.lowerBound + 31 * 86_400_000_000 + 43_200_000_000
            return (first.range.lowerBound..<zone.startOfMonth(of: inNext), zone)
        }
        let start = try from.map { try time($0, "--from", zone).lowerBound } ?? zone.startOfMonth(of: now)
        let end = try to.map { try time($0, "--to", zone).upperBound } ?? now
        if validatesOnly, from == nil || to == nil { return (0..<1, zone) }
        guard start < end else {
            throw ValidationError(
                "The report would end (\(Terminal.time(end))) before it begins (\(Terminal.time(start))).")
        }
        return (start..<end, zone)
    }

    private func time(_ text: String, _ option: String, _ zone: CalendarZone) throws -> Range<Int64> {
        if let day = zone.day(named: text) { return day.range }
        let style = Date.ISO8601FormatStyle()
        guard text.contains("T"), let date = (try? style.parse(text)) else {
            throw ValidationError(
                "\(option) is `\(text)`; write a day such as 2026-03-01, or a time such as 2026-03-01T06:00:00Z.")
        }
        let time = Int64(date.timeIntervalSince1970) * 1_000_000
        return time..<time
    }
}
