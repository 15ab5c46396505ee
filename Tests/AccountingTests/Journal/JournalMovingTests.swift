import Accounting
import GatewayCore
import Testing

/// Requests that run for long must not keep the segments of many others.
@Suite struct JournalMovingTests {
    private struct Running {
        let fixture = JournalFixture()
        let journal: Journal
        let writer: LoopWriter
        let ledger = MemoryLedger()
        let applier: RunningApplier
        var tickets: [JournalTicket] = []

        /// Ten attempts that go on, and 1,500 that end, over a dozen segments.
        init() async throws {
            journal = try fixture.started()
            writer = try await LoopWriter(journal)
            applier = RunningApplier(journal, ledger, log: fixture.log)
            for number in 1...10 { tickets.append(try await writer.begin(.intent(number))) }
            for number in 11...1510 {
                let ticket = try await writer.begin(.intent(number))
                try await writer.run { $0.settle(ticket, LedgerEntry.intent(number).settled()) }
            }
            let ledger = ledger
            try await eventually { ledger.entries.count == 1500 }
        }
    }

    @Test func `Segments go although intents of theirs are open`() async throws {
        let running = try await Running()
        let fixture = running.fixture
        try await eventually { fixture.segments().count <= 4 }
        let open = try await running.writer.run { $0.openIntents }
        #expect(open == 10)
        let rows = try await fixture.crashed().replay()
        #expect(rows.filter { $0.endReason == .gatewayCrashed } == (1...10).map { LedgerEntry.intent($0) })
        await running.applier.cancel()
    }

    @Test func `An intent that was moved has its end where it is now`() async throws {
        let running = try await Running()
        for (number, ticket) in zip(1...10, running.tickets) {
            try await running.writer.run { writer in
                if number.isMultiple(of: 2) {
                    writer.cancel(ticket)
                } else {
                    writer.settle(ticket, LedgerEntry.intent(number).settled())
                }
            }
        }
        let ledger = running.ledger
        try await eventually { ledger.entries.count == 1505 }
        await running.applier.cancel()
        let rows = try await running.fixture.crashed().replay()
        #expect(rows.allSatisfy { $0.endReason == .complete })
        for row in rows { #expect(ledger.rows[row.id] == row) }
    }

    @Test func `An end that outgrows its reserve goes to the next segment`() async throws {
        let fixture = JournalFixture()
        let journal = try fixture.started()
        let writer = try await LoopWriter(journal)
        var tickets: [(Int, JournalTicket)] = []
        for number in 1...200 { tickets.append((number, try await writer.begin(.intent(number)))) }
        func final(_ number: Int) -> LedgerEntry {
            var entry = LedgerEntry.intent(number).settled(cost: 0)
            entry.pricing = .unpriced(reason: String(repeating: "r", count: 2000))
            return entry
        }
        for (number, ticket) in tickets {
            let entry = final(number)
            var isSettled = false
            // Without a prepared segment it says no; the ticket stays.
            while !isSettled { isSettled = try await writer.run { $0.settle(ticket, entry) } }
        }
        let rows = try await fixture.crashed().replay()
        #expect(rows == (1...200).map(final))
    }
}
