import Dispatch
import Glibc
import Logging
import Synchronization

/// Prepares a segment ahead for each loop, and removes those that are applied, on a thread of its own.
final class SegmentKeeper: Sendable {
    /// How soon a segment that could not be made is tried again.
    private static let retry = DispatchTimeInterval.milliseconds(200)
    private static let idle = DispatchTimeInterval.seconds(5)

    private let folder: SegmentFolder
    private let settings: JournalSettings
    private let databaseID: String
    private let registry: SegmentRegistry
    private let shared: JournalShared
    private let logger: Logger
    private let removalError = Mutex<SystemError?>(nil)

    init(
        _ folder: SegmentFolder, _ settings: JournalSettings, databaseID: String, registry: SegmentRegistry,
        shared: JournalShared, logger: Logger
    ) {
        self.folder = folder
        self.settings = settings
        self.databaseID = databaseID
        self.registry = registry
        self.shared = shared
        self.logger = logger
    }

    /// Works until the journal is closed.
    func run() {
        while !shared.isClosed.load(ordering: .acquiring) {
            let isDone = work()
            shared.waitForKeeperWork(atMost: isDone ? Self.idle : Self.retry)
        }
    }

    /// - Returns: whether every loop has its next segment, and nothing is left to remove.
    func work() -> Bool {
        let isRemoved = removeApplied()
        let isPrepared = prepare()
        return isRemoved && isPrepared
    }

    private func prepare() -> Bool {
        for series in registry.series where !series.channel.hasSpare {
            guard registry.usedBytes + settings.segmentBytes <= settings.maxBytes else { return update(.full) }
            let loop = series.channel.loop
            let header = SegmentHeader(
                databaseID: databaseID, replicaID: settings.replicaID, loop: loop,
                sequence: registry.nextSequence(of: loop), fileBytes: settings.segmentBytes)
            do {
                let segment = try folder.create(header)
                registry.add(segment, to: loop)
                series.channel.offer(segment)
            } catch {
                return update(.unwritable(reason: error.reason))
            }
        }
        return update(.healthy)
    }

    /// Says once what has changed.
    /// - Returns: whether it is healthy.
    private func update(_ condition: JournalCondition) -> Bool {
        let former = shared.condition
        guard former != condition else { return condition == .healthy }
        switch former {
        // The syncing thread says when the disk takes the journal again.
        case .notSynced, .closed: return condition == .healthy
        case .notStarted, .healthy, .full, .unwritable: break
        }
        shared.condition = condition
        if condition == .healthy {
            if former != .notStarted { logger.notice("The journal can be written again.") }
            return true
        }
        logger.error(
            "The gateway refuses requests once its event loops have no space left in the journal: \(condition.cause).",
            metadata: ["folder": "\(folder.path)", "bytes": "\(registry.usedBytes)"])
        return false
    }

    /// In the order of each loop: a segment may hold the end of an intent of an earlier one.
    private func removeApplied() -> Bool {
        do {
            for series in registry.series {
                for segment in series.segments {
                    guard segment.isApplied else { break }
                    if segment.hasMovedIntents.load(ordering: .acquiring) {
                        for later in series.segments { _ = try later.sync() }
                    }
                    try folder.remove(segment.path)
                    registry.removeFirst(of: series.channel.loop)
                }
            }
            removalError.withLock { $0 = nil }
            return true
        } catch {
            report(error)
            return false
        }
    }

    private func report(_ error: SystemError) {
        let isNew = removalError.withLock { last in
            defer { last = error }
            return last != error
        }
        guard isNew else { return }
        logger.error(
            "A segment of the journal that is applied cannot be removed: \(error.reason). Make the folder writable.",
            metadata: ["folder": "\(folder.path)"])
    }
}
