import Dispatch
import Logging
import Synchronization

/// Writes to the disk what the loops have written to memory, on a thread of its own.
final class JournalSyncer: Sendable {
    /// Below the promised delay, so that the write itself has the rest.
    private static let interval = DispatchTimeInterval.milliseconds(8)
    /// Without anything to write for so many intervals the thread sleeps until there is.
    private static let idleRounds = 20
    private static let retry = DispatchTimeInterval.milliseconds(500)

    private let registry: SegmentRegistry
    private let shared: JournalShared
    private let logger: Logger
    private let folder: String

    init(_ registry: SegmentRegistry, _ shared: JournalShared, folder: String, logger: Logger) {
        self.registry = registry
        self.shared = shared
        self.folder = folder
        self.logger = logger
    }

    /// Works until the journal is closed.
    func run() {
        var idle = 0
        while !shared.isClosed.load(ordering: .acquiring) {
            guard let didSync = syncAll() else {
                shared.waitForSyncRequest(atMost: Self.retry)
                continue
            }
            idle = didSync ? 0 : idle + 1
            if idle > Self.idleRounds + 1 {
                shared.sleepUntilCommit()
                shared.endSleep()
                idle = 0
            } else {
                // The round after this one finds what a loop committed before it could see the announcement.
                if idle == Self.idleRounds + 1 { shared.announceSleep() }
                shared.waitForSyncRequest(atMost: Self.interval)
            }
        }
        _ = syncAll()
    }

    /// - Returns: whether there was anything to write; nil if the disk does not take it.
    func syncAll() -> Bool? {
        shared.beginSync()
        var didSync = false
        do throws(SystemError) {
            for series in registry.series {
                for segment in series.segments where try segment.sync() {
                    didSync = true
                    segment.populateAhead()
                }
            }
        } catch {
            recordFailure(error)
            return nil
        }
        recordSuccess()
        tellWaiters(nil)
        return didSync
    }

    private func recordFailure(_ error: SystemError) {
        let condition = JournalCondition.notSynced(reason: error.reason)
        if shared.condition != condition {
            shared.condition = condition
            shared.isRefusing.store(true, ordering: .releasing)
            logger.error(
                "The gateway refuses requests: \(condition.cause).", metadata: ["folder": "\(folder)"])
        }
        tellWaiters(condition.refusal)
    }

    private func recordSuccess() {
        guard case .notSynced = shared.condition else { return }
        shared.condition = .healthy
        shared.isRefusing.store(false, ordering: .releasing)
        shared.wakeKeeper()
        logger.notice("The disk takes the journal again.", metadata: ["folder": "\(folder)"])
    }

    private func tellWaiters(_ error: (any Error)?) {
        for series in registry.series
        where series.channel.hasWaiters.exchange(false, ordering: .sequentiallyConsistent) {
            series.channel.onSync(error)
        }
    }
}
