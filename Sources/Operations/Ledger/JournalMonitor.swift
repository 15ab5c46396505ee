public import Accounting
public import Logging
public import Routing
public import ServiceLifecycle

/// Tells `/readyz` and the log what the journal holds that the database does not have, and whether it takes entries.
public struct JournalMonitor: Service {
    private let journal: Journal
    private let readiness: Readiness
    private let logger: Logger
    private let interval: Duration

    /// What waits longer than this is reported.
    private static let longAge = Duration.seconds(10)

    /// - Parameter interval: between two looks.
    public init(_ journal: Journal, readiness: Readiness, logger: Logger, interval: Duration = .seconds(1)) {
        self.journal = journal
        self.readiness = readiness
        self.logger = logger
        self.interval = interval
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var isLate = false
            while !Task.isCancelled {
                isLate = look(wasLate: isLate)
                try? await Task.sleep(for: interval)  // reason: the interval of looks; cancelling ends it
            }
        }
    }

    /// - Returns: whether entries wait for long.
    private func look(wasLate: Bool) -> Bool {
        let status = journal.status
        readiness.record(.journal, isFine: status.condition == .healthy || status.condition == .notStarted)
        readiness.recordJournal(pendingBytes: status.pendingBytes, pendingAge: status.pendingAge)
        let age = status.pendingAge ?? .zero
        let isLate = age > Self.longAge
        if isLate, !wasLate {
            logger.warning(
                "The database takes no ledger entries; the journal keeps them until it does.",
                metadata: ["bytes": "\(status.pendingBytes)", "age": "\(age.components.seconds) s"])
        } else if wasLate, !isLate {
            logger.notice("The database takes ledger entries again.", metadata: ["bytes": "\(status.pendingBytes)"])
        }
        return isLate
    }
}
