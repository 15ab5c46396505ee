import Database
import Foundation
import GatewayCore
import Operations
import Store
import Testing

/// How long reports take over a million rows of the ledger, and whether they add up: `script/proof spend`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_SPEND_FIGURES"] != nil), .serialized)
struct SpendReportFigures {
    private static let rows = Int(ProcessInfo.processInfo.environment["SLUICE_SPEND_ROWS"] ?? "") ?? 1_000_000
    private static let hour: Int64 = 3_600_000_000
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]
    private static let groupings: [SpendReportRequest.Grouping] = [
        .owner, .user, .team, .key, .model, .provider, .tag("service"), .session, .day,
    ]

    @Test(arguments: [TestEngine.sqlite, .postgres])
    func `Reports over a million rows take less than 300 ms and add up`(engine: TestEngine) async throws {
        try await engine.withStore { store, database in
            var total = SpendFigures()
            let hours = 24 * 45
            let perHour = Self.rows / hours + 1
            let start = ContinuousClock.now
            for hour in 0..<hours {
                var history = SpendHistory(seed: UInt64(hour))
                let entries = history.entries(perHour, hours: hour..<hour + 1)
                try await store.ledger.apply(entries)
                total = total + SpendSums(entries: entries).total()
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            print("figures: \(engine): \(total.attempts) rows written in \(Int(seconds)) s")
            if database.dialect == .postgres {
                try await database.write(.standard, within: nil) { connection in
                    for table in ["ledger", "ledger_hours", "ledger_tags"] {
                        try connection.execute("ANALYZE \(table)")
                    }
                }
            }
            let range = SpendHistory.start..<SpendHistory.start + Int64(hours) * Self.hour
            for name in Self.zones {
                let zone = try #require(CalendarZone(name))
                for grouping in Self.groupings where grouping == .day || name == "UTC" {
                    // Not whole hours, as a report until now has.
                    let scope = SpendScope(range.lowerBound..<range.upperBound + 1)
                    let request = SpendReportRequest(by: grouping, scope, zone: zone)
                    var times: [Duration] = []
                    for _ in 0..<5 {
                        let start = ContinuousClock.now
                        let report = try await SpendService(store).report(request)
                        times.append(ContinuousClock.now - start)
                        #expect(report.total == total)
                        #expect(report.rows.map(\.figures).reduce(SpendFigures(), +) == total)
                    }
                    let worst = times.max() ?? .zero
                    print(
                        "figures: \(engine): by \(grouping) in \(name):",
                        times.map { "\(Int($0 / .milliseconds(1))) ms" }.joined(separator: ", "))
                    #expect(worst < .milliseconds(300), "\(grouping) \(name)")
                }
            }
        }
    }
}
