import Accounting
import GatewayCore
import Logging
import Testing

@Suite struct JournalApplierTests {
    private struct Running {
        let fixture = JournalFixture()
        let journal: Journal
        let writer: LoopWriter
        let ledger = MemoryLedger()

        init() async throws {
            journal = try fixture.started(fixture.settings(segmentBytes: 1 << 20))
            writer = try await LoopWriter(journal)
        }

        func settle(_ numbers: ClosedRange<Int>) async throws {
            for number in numbers {
                let ticket = try await writer.begin(.intent(number))
                try await writer.run { $0.settle(ticket, LedgerEntry.intent(number).settled()) }
            }
        }
    }

    @Test func `Entries go in batches of a bounded size`() async throws {
        let running = try await Running()
        try await running.settle(1...1234)
        let applier = RunningApplier(running.journal, running.ledger, log: running.fixture.log)
        let ledger = running.ledger
        try await eventually { ledger.entries.count == 1234 }
        #expect(ledger.batches == [500, 500, 234])
        try await applier.stop()
    }

    @Test func `While the ledger fails nothing is lost, and the log says so once per reason`() async throws {
        let running = try await Running()
        let (ledger, journal, log) = (running.ledger, running.journal, running.fixture.log)
        ledger.fail("the database is locked")
        let applier = RunningApplier(journal, ledger, log: log)
        try await running.settle(1...700)
        try await eventually { ledger.calls > 10 }
        #expect(log.count("the database is locked") == 1)
        ledger.fail("the connection was refused")
        try await eventually { log.count("the connection was refused") == 1 }
        let status = journal.status
        #expect(status.pendingBytes > 700 * 400 && status.pendingAge != nil && status.condition == .healthy)
        ledger.fail(nil)
        try await eventually { ledger.entries.count == 700 && journal.status.pendingBytes == 0 }
        #expect(journal.status.pendingAge == nil && log.count("takes the journal's entries again") == 1)
        try await applier.stop()
    }

    @Test func `An entry that the ledger refuses is set aside, and the others are written`() async throws {
        let running = try await Running()
        let refused = LedgerEntry.intent(5)
        running.ledger.refuse(refused.id.requestID)
        try await running.settle(1...10)
        let (ledger, fixture) = (running.ledger, running.fixture)
        let applier = RunningApplier(running.journal, ledger, log: fixture.log)
        try await eventually { ledger.entries.count == 9 }
        try await applier.stop()
        let name = try #require(fixture.segments("rejected").first)
        #expect(fixture.segments("rejected").count == 1 && fixture.segments() == [])
        #expect(fixture.log.lines.contains { $0.level == .error && $0.text.contains(refused.id.requestID) })
        // The operator moves it back, and the ledger takes it now.
        let repaired = JournalFixture()
        _ = try repaired.open()
        try repaired.take(fixture.file("rejected/\(name)"))
        let rows = try await repaired.replay()
        #expect(rows == [refused.settled()])
    }

    @Test func `A graceful stop brings over what is left, and leaves no segment`() async throws {
        let running = try await Running()
        let (ledger, fixture) = (running.ledger, running.fixture)
        ledger.fail("down")
        let applier = RunningApplier(running.journal, ledger, log: fixture.log) { $0.maxPause = .milliseconds(50) }
        try await running.settle(1...1200)
        ledger.fail(nil)
        try await applier.stop()
        #expect(ledger.entries.count == 1200 && fixture.segments() == [])
        let error = await #expect(throws: GatewayError.self) {
            try await running.writer.run { try $0.begin(.intent(0)) }
        }
        #expect(error?.status == 503)
    }

    @Test func `A stop while the ledger fails ends in time, and the next start has everything`() async throws {
        let running = try await Running()
        let (ledger, fixture) = (running.ledger, running.fixture)
        ledger.fail("down")
        let applier = RunningApplier(running.journal, ledger, log: fixture.log) { $0.drainLimit = .milliseconds(200) }
        try await running.settle(1...10)
        try await applier.stop()
        #expect(fixture.log.count("the next start applies them") == 1)
        let rows = try await fixture.crashed().replay()
        #expect(rows == (1...10).map { LedgerEntry.intent($0).settled() })
    }

    @Test func `An intent without an end keeps its segment at a graceful stop`() async throws {
        let running = try await Running()
        let applier = RunningApplier(running.journal, running.ledger, log: running.fixture.log)
        _ = try await running.writer.begin(.intent(1))
        try await running.settle(2...3)
        try await applier.stop()
        let rows = try await running.fixture.crashed().replay()
        #expect(rows == [.intent(1)] && running.ledger.entries.count == 2)
    }

    @Test func `The loops take turns`() async throws {
        let running = try await Running()
        let other = try await LoopWriter(running.journal)
        for number in 2001...2010 {
            let ticket = try await other.begin(.intent(number))
            try await other.run { $0.settle(ticket, LedgerEntry.intent(number).settled()) }
        }
        try await running.settle(1...1500)
        let ledger = running.ledger
        let applier = RunningApplier(running.journal, ledger, log: running.fixture.log)
        try await eventually { ledger.entries.count == 1510 }
        #expect(ledger.batches.count <= 5)
        try await applier.stop()
    }
}
