import Accounting
import Foundation
import GatewayCore
import Logging
import Testing

@Suite struct JournalReplayTests {
    /// The folder of a run that crashed after five settled attempts in one segment.
    private func crashed() async throws -> (JournalFixture, segment: String) {
        let fixture = JournalFixture()
        let writer = try await LoopWriter(try fixture.started())
        for number in 1...5 {
            let ticket = try await writer.begin(.intent(number))
            try await writer.run { $0.settle(ticket, LedgerEntry.intent(number).settled()) }
        }
        let copy = try fixture.crashed()
        let name = try #require(copy.segments().first { try records(Data(contentsOf: copy.file($0))).count == 10 })
        return (copy, name)
    }

    /// The offsets of the records in a segment.
    private func records(_ data: Data) -> [Int] {
        var (offsets, offset): ([Int], Int) = ([], 256)
        while offset + 16 <= data.count {
            let length = data[offset..<offset + 4].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
            guard length > 0 else { break }
            offsets.append(offset)
            offset += (length + 7) & ~7
        }
        return offsets
    }

    @Test func `A record that is damaged ends its segment, with a warning that names file and offset`() async throws {
        let (fixture, name) = try await crashed()
        var data = try Data(contentsOf: fixture.file(name))
        let offsets = records(data)
        #expect(offsets.count == 10)
        data[offsets[7] + 40] ^= 1
        try data.write(to: fixture.file(name))
        let rows = try await fixture.replay()
        // The fourth attempt's end is damaged, so it counts as crashed; the fifth attempt is lost.
        #expect(rows == (1...3).map { LedgerEntry.intent($0).settled() } + [.intent(4)])
        #expect(fixture.log.count("ends within a record") == 1)
        #expect(fixture.log.lines.contains { $0.text.contains(name) && $0.text.contains("offset=\(offsets[7])") })
        #expect(fixture.segments() == [])
    }

    /// A stop may come between the removal of a segment and its record: the rest of the journal must not wait for it.
    @Test func `A segment that is gone is passed over`() async throws {
        let (fixture, name) = try await crashed()
        let journal = try fixture.started(fixture.settings(replica: "replica-2"))
        try FileManager.default.removeItem(at: fixture.file(name))
        let ledger = MemoryLedger()
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        try await eventually { journal.status.pendingBytes == 0 }
        try await applier.stop()
        #expect(ledger.entries == [] && fixture.log.count("cannot be read") == 0)
    }

    @Test func `A page that the disk did not get ends its segment`() async throws {
        let (fixture, name) = try await crashed()
        var data = try Data(contentsOf: fixture.file(name))
        let offsets = records(data)
        let page = offsets[3] / 512 * 512
        data.replaceSubrange(page..<page + 512, with: [UInt8](repeating: 0, count: 512))
        try data.write(to: fixture.file(name))
        let rows = try await fixture.replay()
        #expect(Set(rows).isSubset(of: Set((1...5).flatMap { [LedgerEntry.intent($0).settled(), .intent($0)] })))
        #expect(rows.count < 5 && fixture.log.count("ends within a record") == 1)
    }

    @Test func `A file that is cut at any length is read up to there`() async throws {
        let (fixture, name) = try await crashed()
        let data = try Data(contentsOf: fixture.file(name))
        let end = try #require(records(data).last)
        for length in stride(from: 256, through: end + 64, by: 37) {
            let copy = try fixture.crashed()
            try data.prefix(length).write(to: copy.file(name))
            let rows = try await copy.replay()
            #expect(rows.allSatisfy { $0 == .intent(Int($0.admittedAt - 1_790_000_000_000_000)) || $0.endedAt != nil })
        }
    }

    @Test func `A journal of another database is moved aside and not applied`() async throws {
        let (fixture, name) = try await crashed()
        let rows = try await fixture.replay(database: "another")
        #expect(rows == [])
        #expect(fixture.segments("database-database-1").contains(name))
        #expect(fixture.log.lines.contains { $0.level == .warning && $0.text.contains("another database") })
        let moved = JournalFixture()
        try FileManager.default.copyItem(
            atPath: "\(fixture.path)/database-database-1", toPath: moved.path)
        let applied = try await moved.replay()
        #expect(applied.count == 5)
    }

    @Test func `A journal in an unknown form is refused, and stays`() async throws {
        let (fixture, name) = try await crashed()
        var data = try Data(contentsOf: fixture.file(name))
        data[8] = 2
        try data.write(to: fixture.file(name))
        let error = #expect(throws: JournalError.self) { try fixture.open() }
        #expect(error == .unknownVersion(file: fixture.file(name).path, version: 2))
        #expect(error?.description.contains("form 2") == true)
        #expect(fixture.segments().contains(name))
    }

    @Test(arguments: [0, 40, 244]) func `A segment with a damaged header is moved aside`(offset: Int) async throws {
        let (fixture, name) = try await crashed()
        var data = try Data(contentsOf: fixture.file(name))
        data[offset] ^= 0xFF
        try data.write(to: fixture.file(name))
        let rows = try await fixture.replay()
        #expect(rows == [])
        #expect(fixture.segments("damaged") == [name])
        #expect(fixture.log.count("header is damaged") == 1)
    }

    @Test func `What a stop left half made is removed`() async throws {
        let fixture = JournalFixture()
        _ = try fixture.open()
        let unfinished = fixture.file("replica-0-1-1.preparing")
        try Data(count: 100).write(to: unfinished)
        _ = try await fixture.crashed().replay()
        let copy = try fixture.crashed()
        _ = try copy.open()
        #expect(!FileManager.default.fileExists(atPath: copy.file("replica-0-1-1.preparing").path))
    }

    @Test func `What was applied before a crash is not applied again`() async throws {
        let fixture = JournalFixture()
        let journal = try fixture.started()
        let writer = try await LoopWriter(journal)
        let ledger = MemoryLedger()
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        let open = try await writer.begin(.intent(1))
        let ticket = try await writer.begin(.intent(2))
        try await writer.run { $0.settle(ticket, LedgerEntry.intent(2).settled()) }
        try await eventually { ledger.entries.count == 1 && journal.status.pendingBytes == 0 }
        let rows = try await fixture.crashed().replay()
        #expect(rows == [.intent(1)])
        try await writer.run { $0.cancel(open) }
        await applier.cancel()
    }

    @Test func `A former journal stays until the ledger has it`() async throws {
        let (fixture, name) = try await crashed()
        let journal = try fixture.started(fixture.settings(replica: "replica-2"))
        let ledger = MemoryLedger()
        ledger.fail("down")
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        try await eventually { ledger.calls > 5 }
        #expect(fixture.segments().contains(name))
        #expect(journal.status.pendingBytes > 0 && journal.status.pendingAge != nil)
        #expect(fixture.log.count("does not take the journal's entries") == 1)
        ledger.fail(nil)
        try await eventually { ledger.entries.count == 5 && !fixture.segments().contains(name) }
        #expect(fixture.log.count("takes the journal's entries again") == 1)
        try await applier.stop()
    }

    @Test func `Entries of former runs and of this one go on side by side`() async throws {
        let (fixture, _) = try await crashed()
        let journal = try fixture.started(fixture.settings(replica: "replica-2"))
        let writer = try await LoopWriter(journal)
        let ledger = MemoryLedger()
        let ticket = try await writer.begin(.intent(6))
        try await writer.run { $0.settle(ticket, LedgerEntry.intent(6).settled()) }
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        try await eventually { ledger.entries.count == 6 }
        try await applier.stop()
        #expect(fixture.segments() == [])
    }
}
