import Accounting
import Foundation
import GatewayCore
import Testing

/// What an attempt costs its event loop. `SLUICE_JOURNAL_FIGURES=yes` makes it long enough to be exact.
@Suite struct JournalFigures {
    private static let isLong = ProcessInfo.processInfo.environment["SLUICE_JOURNAL_FIGURES"] != nil

    @Test func `The loop's part of an attempt takes microseconds at most`() async throws {
        let fixture = JournalFixture()
        let rounds = Self.isLong ? 200 : 5
        // Less than what is touched ahead, as between two syncs under load.
        let each = 400
        let settings = fixture.settings(segmentBytes: 16 << 20, maxBytes: 1 << 30)
        let journal = try fixture.started(settings)
        let writer = try await LoopWriter(journal)
        let applier = RunningApplier(journal, CountingLedger(), log: fixture.log)
        let entries = (1...each).map { LedgerEntry.intent($0) }
        let finals = entries.map { $0.settled() }
        var times: [Duration] = []
        for _ in 0..<rounds {
            let taken = try await writer.run { writer in
                try ContinuousClock().measure {
                    for index in entries.indices {
                        let ticket = try writer.begin(entries[index])
                        writer.settle(ticket, finals[index])
                    }
                }
            }
            times.append(taken / each)
            try await Task.sleep(for: .milliseconds(20))
        }
        let size = try LedgerEntryCodec.size(of: finals[0])
        times.sort()
        let (best, median) = (times[0], times[rounds / 2])
        print("FIGURE journal: begin and settle \(best) at best, \(median) in the median, \(size) bytes an entry")
        #expect(best < .microseconds(50))
        try await applier.stop()
    }

    @Test func `An entry is encoded and decoded in microseconds at most`() throws {
        let entry = LedgerEntry.intent(1).settled()
        let count = Self.isLong ? 1_000_000 : 20_000
        let clock = ContinuousClock()
        var bytes: [UInt8] = []
        let encoding = try clock.measure { for _ in 0..<count { bytes = try LedgerEntryCodec.encode(entry) } }
        let decoding = try clock.measure { for _ in 0..<count { _ = try LedgerEntryCodec.decode(bytes) } }
        print("FIGURE codec: encoding \(encoding / count), decoding \(decoding / count)")
        #expect(encoding / count < .microseconds(50) && decoding / count < .microseconds(50))
    }
}

private struct CountingLedger: LedgerWriter {
    func apply(_ entries: [LedgerEntry]) async throws {}
}
