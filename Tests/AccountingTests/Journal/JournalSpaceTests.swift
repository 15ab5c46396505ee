import Accounting
import Foundation
import GatewayCore
import Synchronization
import Testing

@Suite struct JournalSpaceTests {
    /// Writes until the journal refuses.
    /// - Returns: the entries that were settled, and the refusal.
    private func fill(_ writer: LoopWriter) async throws -> (Int, GatewayError) {
        var number = 1
        while true {
            let entry = LedgerEntry.intent(number)
            do {
                try await writer.run { $0.settle(try $0.begin(entry), entry.settled()) }
                number += 1
            } catch let error as GatewayError {
                // The next segment is being prepared.
                if error.cause?.contains("prepared in time") == true { continue }
                return (number - 1, error)
            }
            try #require(number < 100_000)
        }
    }

    @Test func `A full journal refuses attempts, and takes them again when the ledger has caught up`() async throws {
        let fixture = JournalFixture()
        let journal = try fixture.started(fixture.settings(maxBytes: 512 << 10))
        let writer = try await LoopWriter(journal)
        let ledger = MemoryLedger()
        ledger.fail("down")
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        let (count, error) = try await fill(writer)
        #expect(error.status == 503 && error.code == .notReady && error.retryAfterSeconds == 5)
        #expect(error.message.contains("journal is full") && error.cause?.contains("max_bytes") == true)
        #expect(journal.status.condition == .full && journal.status.usedBytes == 512 << 10)
        // Each refusal is the caller's; the log has the change.
        for _ in 0..<100 { _ = try? await writer.run { try $0.begin(.intent(0)) } }
        #expect(fixture.log.count("max_bytes") == 1)
        ledger.fail(nil)
        let ticket = try await writer.begin(.intent(count + 1))
        try await eventually { journal.status.condition == .healthy }
        try await writer.run { $0.settle(ticket, LedgerEntry.intent(count + 1).settled()) }
        try await eventually { ledger.entries.count == count + 1 }
        #expect(ledger.entries == (1...count + 1).map { LedgerEntry.intent($0).settled() })
        #expect(fixture.log.count("can be written again") == 1)
        try await applier.stop()
    }

    @Test(arguments: [ENOSPC, EROFS, EDQUOT])
    func `Where no segment can be made, attempts are refused until one can`(code: CInt) async throws {
        let fixture = JournalFixture()
        let failure = Mutex<CInt>(0)
        let journal = try Journal(
            fixture.settings(), logger: fixture.log.logger,
            allocate: { descriptor, bytes in
                let code = failure.withLock { $0 }
                return code == 0 ? posix_fallocate(descriptor, 0, off_t(bytes)) : code
            })
        try journal.start(databaseID: "database-1")
        let writer = try await LoopWriter(journal)
        try await eventually { fixture.segments().count == 1 }
        failure.withLock { $0 = code }
        let (count, error) = try await fill(writer)
        #expect(count > 50 && error.status == 503)
        let reason = String(cString: strerror(code))
        #expect(error.cause?.contains(reason) == true && error.message.contains(fixture.path) == false)
        #expect(journal.status.condition == .unwritable(reason: reason))
        #expect(fixture.log.count(reason) == 1)
        failure.withLock { $0 = 0 }
        _ = try await writer.begin(.intent(count + 1))
        #expect(fixture.log.count("can be written again") == 1)
        let rows = try await fixture.crashed().replay()
        #expect(rows.count == count + 1)
    }

    @Test func `A small full disk refuses attempts, kills nothing, and is used again once there is room`() async throws
    {
        let fixture = JournalFixture()
        try FileManager.default.createDirectory(atPath: fixture.path, withIntermediateDirectories: false)
        guard mount("tmpfs", fixture.path, "tmpfs", 0, "size=320k") == 0 else {
            return  // Only root may mount; the test above has the same from posix_fallocate.
        }
        defer { umount2(fixture.path, CInt(MNT_DETACH)) }
        let journal = try fixture.started()
        let writer = try await LoopWriter(journal)
        let (count, error) = try await fill(writer)
        #expect(error.status == 503 && journal.status.usedBytes == 256 << 10)
        #expect(journal.status.condition == .unwritable(reason: "No space left on device"))
        let ledger = MemoryLedger()
        let applier = RunningApplier(journal, ledger, log: fixture.log)
        try await eventually { ledger.entries.count == count }
        let (more, _) = (try await writer.begin(.intent(count + 1)), 0)
        try await writer.run { $0.cancel(more) }
        try await eventually { journal.status.condition == .healthy }
        try await applier.stop()
        #expect(fixture.segments() == [])
    }

    @Test func `A folder that becomes read-only refuses attempts until it is writable`() async throws {
        let fixture = JournalFixture()
        let journal = try fixture.started()
        let writer = try await LoopWriter(journal)
        try await eventually { fixture.segments().count == 1 }
        guard setWritable(fixture.path, false) else { return }  // The file system has no such flag.
        defer { _ = setWritable(fixture.path, true) }
        let (count, error) = try await fill(writer)
        #expect(count > 50 && error.status == 503 && fixture.log.count("no segment can be made") == 1)
        #expect(setWritable(fixture.path, true))
        _ = try await writer.begin(.intent(count + 1))
        #expect(fixture.log.count("can be written again") == 1)
    }

    /// Root writes to any folder, except to an immutable one.
    private func setWritable(_ path: String, _ isWritable: Bool) -> Bool {
        guard geteuid() == 0 else { return chmod(path, isWritable ? 0o700 : 0o500) == 0 }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/chattr")
        process.arguments = [isWritable ? "-i" : "+i", path]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
