import Accounting
import Foundation
import GatewayCore
import NIOCore
import Synchronization
import Testing

@Suite struct JournalSyncTests {
    @Test(arguments: [JournalSettings.Sync.group, .off])
    func `Requests do not wait for the disk`(sync: JournalSettings.Sync) async throws {
        let fixture = JournalFixture()
        let writer = try await LoopWriter(try fixture.started(fixture.settings(sync: sync)))
        let waits = try await writer.run { writer in writer.synced(try writer.begin(.intent(1))) != nil }
        #expect(!waits)
    }

    @Test func `With each, an attempt waits until the disk has its intent`() async throws {
        let fixture = JournalFixture()
        let flushed = Mutex(0)
        let journal = try Journal(
            fixture.settings(sync: .each), logger: fixture.log.logger,
            flush: { address, count in
                flushed.withLock { $0 += count }
                return msync(address, count, MS_SYNC)
            })
        try journal.start(databaseID: "database-1")
        let writer = try await LoopWriter(journal)
        for number in 1...20 {
            let before = flushed.withLock { $0 }
            let future = try await writer.run { writer in
                writer.synced(try writer.begin(.intent(number))) ?? writer.eventLoop.makeSucceededVoidFuture()
            }
            try await future.get()
            #expect(flushed.withLock { $0 } > before)
        }
    }

    @Test func `With group, the disk has everything soon`() async throws {
        let fixture = JournalFixture()
        let flushed = Mutex(0)
        let journal = try Journal(
            fixture.settings(), logger: fixture.log.logger,
            flush: { address, count in
                flushed.withLock { $0 += 1 }
                return msync(address, count, MS_SYNC)
            })
        try journal.start(databaseID: "database-1")
        let writer = try await LoopWriter(journal)
        _ = try await writer.begin(.intent(1))
        try await eventually { flushed.withLock { $0 } > 0 }
        // Nothing to do for long: the thread sleeps, and a commit wakes it.
        try await Task.sleep(for: .milliseconds(400))
        let before = flushed.withLock { $0 }
        _ = try await writer.begin(.intent(2))
        try await eventually { flushed.withLock { $0 } > before }
    }

    @Test func `A disk that takes nothing refuses attempts and those that wait, until it does`() async throws {
        let fixture = JournalFixture()
        let isBroken = Mutex(false)
        let journal = try Journal(
            fixture.settings(sync: .each), logger: fixture.log.logger,
            flush: { address, count in
                guard isBroken.withLock({ $0 }) else { return msync(address, count, MS_SYNC) }
                errno = EIO
                return -1
            })
        try journal.start(databaseID: "database-1")
        let writer = try await LoopWriter(journal)
        isBroken.withLock { $0 = true }
        let future = try await writer.run { writer in
            writer.synced(try writer.begin(.intent(1))) ?? writer.eventLoop.makeSucceededVoidFuture()
        }
        let error = await #expect(throws: GatewayError.self) { try await future.get() }
        #expect(error?.status == 503)
        try await eventually { journal.status.condition == .notSynced(reason: "Input/output error") }
        let refused = await #expect(throws: GatewayError.self) { try await writer.run { try $0.begin(.intent(2)) } }
        #expect(refused?.status == 503 && fixture.log.count("Input/output error") == 1)
        isBroken.withLock { $0 = false }
        _ = try await writer.begin(.intent(3))
        #expect(journal.status.condition == .healthy && fixture.log.count("takes the journal again") == 1)
    }
}
