import Accounting
import Foundation
import GatewayCore
import Logging
import NIOCore
import Testing

/// The power fails at random moments: the journal's files are copied while loops write, blocks of an earlier and a
/// later copy are mixed, and each mixture is replayed. `script/proof power` makes 1,000 copies.
@Suite struct JournalPowerTests {
    private struct Figures {
        var copies = 0
        var attempts = 0
        var required = 0
        var torn = 0
    }

    @Test func `No copy of the files loses a synced row, or has one that did not happen`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let copies = environment["SLUICE_POWER_COPIES"].flatMap { Int($0) } ?? 40
        let seed = environment["SLUICE_POWER_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
        var random = SplitMix(state: seed)
        var figures = Figures()
        while figures.copies < copies {
            try await round(min(copies - figures.copies, 20), &figures, using: &random)
        }
        print(
            """
            FIGURE power: seed \(seed), \(figures.copies) copies of \(figures.attempts) attempts, \(figures.torn) torn; \
            \(figures.required) rows had to be there
            """)
        #expect(figures.required > copies * 20 && figures.torn > copies / 10)
    }

    /// A journal, and some copies of it.
    private func round(_ copies: Int, _ figures: inout Figures, using random: inout SplitMix) async throws {
        let fixture = JournalFixture()
        let journal = try fixture.started(fixture.settings(maxBytes: 8 << 20))
        let ledger = MemoryLedger()
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        var loads: [PowerWorkload] = []
        for index in 0..<2 {
            loads.append(try await PowerWorkload(journal, first: 1 + index * 10_000_000, seed: random.next()))
        }
        var tasks: [@Sendable () -> Void] = []
        for load in loads {
            let task = try await load.start()
            tasks.append { task.cancel() }
        }
        for _ in 0..<copies {
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...30, using: &random)))
            let synced = loads.map(\.done)
            #expect(journal.sync())
            let old = PowerImage.Copy(of: fixture.path)
            try await Task.sleep(for: .microseconds(Int.random(in: 0...15_000, using: &random)))
            let new = PowerImage.Copy(of: fixture.path)
            let image = PowerImage(old, new, using: &random)
            let possible = loads.map(\.possible)
            let rows = ledger.rows
            try await check(image, rows, synced, possible, &figures)
        }
        for cancel in tasks { cancel() }
        try await applier.stop()
    }

    /// Replays an image into a ledger that has what the database had, and compares with what happened.
    private func check(
        _ image: PowerImage, _ ledgerRows: [LedgerEntry.ID: LedgerEntry], _ synced: [PowerWorkload.Attempts],
        _ possible: [PowerWorkload.Attempts], _ figures: inout Figures
    ) async throws {
        let fixture = JournalFixture()
        try image.write(to: fixture.path)
        let ledger = MemoryLedger()
        try await ledger.apply(Array(ledgerRows.values))
        for entry in try await fixture.replay() { try await ledger.apply([entry]) }
        let rows = ledger.rows
        figures.copies += 1
        figures.torn += fixture.log.count("ends within a record") > 0 ? 1 : 0
        #expect(fixture.log.lines.allSatisfy { $0.level < .error }, "\(fixture.log.lines)")
        for row in rows.values {
            let number = PowerWorkload.number(of: row)
            let state = possible.lazy.compactMap { $0[number] }.first
            switch state {
            case nil: Issue.record("attempt \(number) never began")
            case .begun, .cancelled: #expect(row == PowerWorkload.intent(number))
            case .settled: #expect(row == PowerWorkload.intent(number) || row == PowerWorkload.final(number))
            }
        }
        for (synced, possible) in zip(synced, possible) {
            figures.attempts += possible.numbers.count
            for number in synced.numbers {
                let row = rows[PowerWorkload.intent(number).id]
                switch (synced[number], possible[number]) {
                case (.settled, _): #expect(row == PowerWorkload.final(number), "attempt \(number) was settled")
                case (.cancelled, _): #expect(row == nil, "attempt \(number) was cancelled")
                case (.begun, .cancelled): continue
                case (.begun, _): #expect(row != nil, "attempt \(number) had begun")
                case (nil, _): continue
                }
                figures.required += 1
            }
        }
    }
}
