import Accounting
import GatewayCore
import Testing

@Suite struct JournalWriterTests {
    @Test func `An attempt that ended is in the ledger as it ended`() async throws {
        let fixture = JournalFixture()
        let journal = try fixture.started()
        let writer = try await LoopWriter(journal)
        let ledger = MemoryLedger()
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        let entry = LedgerEntry.intent(1)
        let ticket = try await writer.begin(entry)
        let isSettled = try await writer.run { $0.settle(ticket, entry.settled()) }
        #expect(isSettled)
        try await eventually { ledger.entries == [entry.settled()] }
        let open = try await writer.run { $0.openIntents }
        #expect(open == 0)
        try await applier.stop()
        #expect(fixture.segments() == [])
    }

    @Test func `After a crash, an attempt without an end is in the ledger at its hold`() async throws {
        let fixture = JournalFixture()
        let writer = try await LoopWriter(try fixture.started())
        let entries = (1...3).map { LedgerEntry.intent($0) }
        var tickets: [JournalTicket] = []
        for entry in entries { tickets.append(try await writer.begin(entry)) }
        let (settled, cancelled) = (tickets[1], tickets[2])
        try await writer.run { $0.settle(settled, entries[1].settled()) }
        try await writer.run { $0.cancel(cancelled) }
        let rows = try await fixture.crashed().replay()
        #expect(rows == [entries[0], entries[1].settled()])
    }

    @Test func `A second end of an attempt changes nothing`() async throws {
        let fixture = JournalFixture()
        let writer = try await LoopWriter(try fixture.started())
        let first = try await writer.begin(.intent(1))
        try await writer.run { $0.settle(first, LedgerEntry.intent(1).settled()) }
        let second = try await writer.begin(.intent(2))
        let isSettled = try await writer.run { writer in
            writer.cancel(first)
            return writer.settle(first, LedgerEntry.intent(1).settled(cost: 9))
        }
        #expect(!isSettled)
        try await writer.run { $0.cancel(second) }
        let rows = try await fixture.crashed().replay()
        #expect(rows == [LedgerEntry.intent(1).settled()])
    }

    @Test func `Before the database is known every attempt is refused`() async throws {
        let fixture = JournalFixture()
        let journal = try fixture.open()
        let writer = try await LoopWriter(journal, waits: false)
        let error = await #expect(throws: GatewayError.self) { try await writer.run { try $0.begin(.intent(1)) } }
        #expect(error?.status == 503 && error?.code == .notReady)
        #expect(journal.status.condition == .notStarted)
        try journal.start(databaseID: "database-1")
        _ = try await writer.begin(.intent(1))
    }

    @Test func `Entries go on in the next segment when one is full, and full ones are removed`() async throws {
        let fixture = JournalFixture()
        let journal = try fixture.started()
        let writer = try await LoopWriter(journal)
        let ledger = MemoryLedger()
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        for number in 1...2000 {
            let entry = LedgerEntry.intent(number)
            let ticket = try await writer.begin(entry)
            try await writer.run { $0.settle(ticket, entry.settled()) }
        }
        try await eventually { ledger.entries.count == 2000 }
        #expect(ledger.entries == (1...2000).map { LedgerEntry.intent($0).settled() })
        try await eventually { fixture.segments().count <= 2 }
        try await applier.stop()
    }

    @Test func `An entry that is absurdly long is refused`() async throws {
        let fixture = JournalFixture()
        let writer = try await LoopWriter(try fixture.started())
        var entry = LedgerEntry.intent(1)
        entry.upstreamModel = String(repeating: "m", count: 40_000)
        let long = entry
        let error = await #expect(throws: GatewayError.self) { try await writer.run { try $0.begin(long) } }
        #expect(error?.code == .internalError)
    }
}
