import Accounting
import GatewayCore
import Logging
import ServiceLifecycle
import Synchronization

/// A ledger in memory: idempotent, and settling only climbs. It can fail.
final class MemoryLedger: LedgerWriter {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var rows: [LedgerEntry.ID: LedgerEntry] = [:]
        var batches: [Int] = []
        var calls = 0
        var failure: String?
        var refused: Set<String> = []
    }

    private let state = Mutex(State())

    func apply(_ entries: [LedgerEntry]) async throws {
        try state.withLock { state in
            state.calls += 1
            if let failure = state.failure { throw Failure(description: failure) }
            if entries.contains(where: { state.refused.contains($0.id.requestID) }) {
                throw LedgerRejection(reason: "refused")
            }
            state.batches.append(entries.count)
            for entry in entries {
                if let former = state.rows[entry.id], former.rank >= entry.rank { continue }
                state.rows[entry.id] = entry
            }
        }
    }

    var rows: [LedgerEntry.ID: LedgerEntry] { state.withLock { $0.rows } }
    var entries: [LedgerEntry] { rows.values.sorted { $0.admittedAt < $1.admittedAt } }
    /// The sizes of the batches that were written.
    var batches: [Int] { state.withLock { $0.batches } }
    var calls: Int { state.withLock { $0.calls } }

    /// Every call fails, until nil.
    func fail(_ reason: String?) { state.withLock { $0.failure = reason } }
    /// Every call with this request is refused.
    func refuse(_ requestID: String) { state.withLock { _ = $0.refused.insert(requestID) } }
}

/// An applier under way.
struct RunningApplier: Sendable {
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    init(
        _ journal: Journal, _ ledger: any LedgerWriter, log: RecordingLog,
        settings change: (inout JournalApplier.Settings) -> Void = { _ in }
    ) {
        var settings = JournalApplier.Settings()
        settings.gathering = .milliseconds(5)
        settings.firstPause = .milliseconds(5)
        settings.maxPause = .milliseconds(20)
        change(&settings)
        let applier = JournalApplier(journal, writer: ledger, settings: settings, logger: log.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: applier)], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        self.group = group
        task = Task { try await group.run() }
    }

    /// A graceful stop.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await task.value
    }

    /// As at the end of a process: nothing is drained.
    func cancel() async {
        task.cancel()
        _ = await task.result
    }
}
