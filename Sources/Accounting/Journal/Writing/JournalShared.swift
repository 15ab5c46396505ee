import Dispatch
import GatewayCore
import Synchronization

/// The state of a journal that loops and threads look at.
final class JournalShared: Sendable {
    let sync: JournalSettings.Sync
    /// Why `begin` refuses where a loop has no segment.
    private let state = Mutex(JournalCondition.notStarted)
    /// The disk takes nothing, or the journal is closed: requests are refused also where a segment has space.
    let isRefusing = Atomic(false)

    private let keeperWake = DispatchSemaphore(value: 0)
    private let syncWake = DispatchSemaphore(value: 0)
    private let isSyncerAsleep = Atomic(false)
    private let isSyncRequested = Atomic(false)
    let isClosed = Atomic(false)
    let isStarted = Atomic(false)
    private let identity = Mutex("")

    init(_ sync: JournalSettings.Sync) {
        self.sync = sync
    }

    var condition: JournalCondition {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// Empty before the start.
    var databaseID: String { identity.withLock { $0 } }

    /// The database is known, and what former runs left.
    func start(databaseID: String) {
        identity.withLock { $0 = databaseID }
        isStarted.store(true, ordering: .releasing)
    }

    // MARK: The thread that prepares and removes segments

    func wakeKeeper() {
        keeperWake.signal()
    }

    /// Waits until there may be work, at most for `limit`.
    func waitForKeeperWork(atMost limit: DispatchTimeInterval) {
        guard keeperWake.wait(timeout: .now() + limit) == .success else { return }
        // One look at everything answers all signals.
        while keeperWake.wait(timeout: .now()) == .success {}
    }

    // MARK: The thread that syncs

    /// After a commit. A system call only if the thread sleeps, as it does when there was nothing to sync for long.
    func recordCommit() {
        guard isSyncerAsleep.load(ordering: .relaxed) else { return }
        if isSyncerAsleep.exchange(false, ordering: .relaxed) { syncWake.signal() }
    }

    /// A request waits for the disk.
    func requestSync() {
        guard !isSyncRequested.exchange(true, ordering: .acquiringAndReleasing) else { return }
        isSyncerAsleep.store(false, ordering: .relaxed)
        syncWake.signal()
    }

    /// A requested sync begins: later requests need another one.
    func beginSync() {
        isSyncRequested.store(false, ordering: .sequentiallyConsistent)
    }

    /// Waits for `interval`, or until a request waits for the disk.
    func waitForSyncRequest(atMost interval: DispatchTimeInterval) {
        _ = syncWake.wait(timeout: .now() + interval)
    }

    /// From now on a commit wakes the thread. The thread must look for commits once more, an interval later: a loop may
    /// have looked before.
    func announceSleep() {
        isSyncerAsleep.store(true, ordering: .sequentiallyConsistent)
    }

    /// Sleeps until there is a commit, unless one came since `announceSleep()`.
    func sleepUntilCommit() {
        guard isSyncerAsleep.load(ordering: .sequentiallyConsistent) else { return }
        syncWake.wait()
    }

    func endSleep() {
        isSyncerAsleep.store(false, ordering: .relaxed)
    }

    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        condition = .closed
        isRefusing.store(true, ordering: .releasing)
        isSyncerAsleep.store(false, ordering: .relaxed)
        keeperWake.signal()
        syncWake.signal()
    }
}
