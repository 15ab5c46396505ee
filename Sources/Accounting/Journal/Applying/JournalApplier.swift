import GatewayCore
public import Logging
public import ServiceLifecycle
import Synchronization

/// Brings the journal's entries into the ledger, in batches: first those of former runs, then those of this one.
///
/// While the database takes none they stay in the journal, and the last batch is tried again with growing pauses. At a
/// graceful stop it brings over what is left. It must stop after the data plane.
public struct JournalApplier: Service {
    /// How it works.
    public struct Settings: Sendable {
        /// The entries of a transaction at most.
        public var batchEntries = 500
        /// How long entries may wait for others of the same transaction.
        public var gathering = Duration.milliseconds(40)
        /// The pause after a failure; it doubles up to `maxPause`.
        public var firstPause = Duration.milliseconds(100)
        public var maxPause = Duration.seconds(5)
        /// How long a graceful stop may take to bring over the rest, which otherwise the next start does.
        public var drainLimit = Duration.seconds(5)

        public init() {}
    }

    let journal: Journal
    let writer: any LedgerWriter
    let settings: Settings
    let logger: Logger

    public init(_ journal: Journal, writer: any LedgerWriter, settings: Settings = Settings(), logger: Logger) {
        self.journal = journal
        self.writer = writer
        self.settings = settings
        self.logger = logger
    }

    /// Works until the service group stops. It waits for `Journal.start(databaseID:)`.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await applyFormer() { await applyNew() }
                try? await Task.sleep(for: settings.gathering)  // reason: until the start; cancelling ends it
            }
        }
        guard !Task.isCancelled else { return }
        await drain()
    }

    /// Applies what the loops write, until the task is cancelled.
    private func applyNew() async {
        var turn = 0
        while !Task.isCancelled {
            let count = await applyBatch(turn)
            turn += 1
            guard count < settings.batchEntries else { continue }
            try? await Task.sleep(for: settings.gathering)  // reason: gathers entries for a batch; cancelling ends it
        }
    }

    /// - Returns: the entries of the batch; 0 if the task was cancelled before they were applied.
    private func applyBatch(_ turn: Int) async -> Int {
        let series = journal.registry.series
        let batch = AppliedBatch(
            series, limit: settings.batchEntries, beginningWith: series.isEmpty ? 0 : turn % series.count)
        guard !batch.isEmpty else { return 0 }
        if !batch.entries.isEmpty {
            journal.oldestPending.store(batch.oldest ?? 0, ordering: .relaxed)
            guard await write(batch.entries) else { return 0 }
            journal.oldestPending.store(0, ordering: .relaxed)
        }
        if batch.markApplied() { journal.shared.wakeKeeper() }
        return batch.entries.count
    }

    /// Applies everything that is there within the limit.
    private func drain() async {
        let isDone = (try? await withDeadline(settings.drainLimit) { await drainAll() }) ?? false
        try? await runBlocking { [journal] in journal.close() }
        guard !isDone else { return }
        logger.warning(
            "The database did not take all entries of the journal in time; the next start applies them.",
            metadata: ["bytes": "\(journal.status.pendingBytes)"])
    }

    private func drainAll() async -> Bool {
        guard journal.isStarted else { return true }
        guard await applyFormer() else { return false }
        var turn = 0
        while !Task.isCancelled {
            let isEmpty = journal.registry.series.allSatisfy { series in
                series.segments.allSatisfy {
                    $0.applied.load(ordering: .relaxed) == $0.committed.load(ordering: .acquiring)
                }
            }
            if isEmpty { return true }
            _ = await applyBatch(turn)
            turn += 1
        }
        return false
    }
}
