import Database
public import Logging
public import Routing
public import ServiceLifecycle
import Store

/// Repeats the startup until the gateway can serve from the database, and maintains the database from then on.
public struct DatabaseSupervisor: Service {
    private let startup: DatabaseStartup
    private let configuration: ConfigurationService
    private let watch: ChangeWatch
    private let replica: ReplicaService
    private let readiness: Readiness
    private let databaseIsReady: @Sendable () async throws -> Void
    private let retryInterval: Duration
    private let silentWait: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - databaseIsReady: called once the schema is current, before anything is loaded; throws what ends the start.
    ///   - retryInterval: between two attempts.
    ///   - silentWait: an attempt that takes longer is reported.
    public init(
        startup: DatabaseStartup, configuration: ConfigurationService, watch: ChangeWatch, replica: ReplicaService,
        readiness: Readiness, databaseIsReady: @escaping @Sendable () async throws -> Void = {},
        retryInterval: Duration = .seconds(1), silentWait: Duration = .seconds(5),
        logger: Logger
    ) {
        self.startup = startup
        self.configuration = configuration
        self.watch = watch
        self.replica = replica
        self.readiness = readiness
        self.databaseIsReady = databaseIsReady
        self.retryInterval = retryInterval
        self.silentWait = silentWait
        self.logger = logger
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            guard try await isStarted() else { return }
            readiness.recordLoaded()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch.run() }
                group.addTask { await configuration.followChanges() }
                group.addTask { await replica.run() }
                group.addTask { await maintainDatabase() }
                try await group.waitForAll()
            }
        }
    }

    /// Repeats the attempt. False if the gateway stops before it succeeds.
    /// - Throws: an error that waiting does not fix.
    private func isStarted() async throws -> Bool {
        var last: StartupBlocker?
        while true {
            let next = try await reportingLongWaits { try await attempt() }
            if next != last { record(next, instead: last) }
            guard next != nil else { return true }
            last = next
            try? await Task.sleep(for: retryInterval)  // reason: the interval of attempts; cancelling ends it
            guard !Task.isCancelled else { return false }
        }
    }

    /// An attempt may wait for a lock of another process: the operator has to be told why nothing happens.
    private func reportingLongWaits(
        _ attempt: () async throws -> StartupBlocker?
    ) async throws -> StartupBlocker? {
        let report = Task { [silentWait, readiness, logger] in  // reason: ends with the attempt, which is not its child
            try await Task.sleep(for: silentWait)  // reason: the time after which a wait is reported
            readiness.record(.database, isFine: false)
            logger.warning(
                "The start waits for the database. Another process may be migrating it, or hold its locks.",
                metadata: ["for": "\(silentWait)"])
        }
        defer { report.cancel() }
        let blocker = try await attempt()
        if blocker?.check != .database { readiness.record(.database, isFine: true) }
        return blocker
    }

    private func attempt() async throws -> StartupBlocker? {
        if let blocker = try await startup.attempt() { return blocker }
        do {
            try await databaseIsReady()
            try await configuration.loadFirst()
            return nil
        } catch StoreError.database(let error) where error.mayPass {
            return .database(error)
        } catch is ChangeTimeout {
            return .database(.timedOut(database: startup.opened.database.location))
        }
    }

    private func record(_ blocker: StartupBlocker?, instead last: StartupBlocker?) {
        if let last { readiness.record(last.check, isFine: true) }
        guard let blocker else { return }
        blocker.log(to: logger)
        readiness.record(blocker.check, isFine: false)
    }

    private func maintainDatabase() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(3600))  // reason: the interval of the work; cancelling ends it
            guard !Task.isCancelled else { return }
            do {
                try await RequestLogPartitions.prepare(on: startup.opened.database, now: startup.clock())
                try await startup.opened.store.responses.deleteOld()
            } catch {
                logger.warning(
                    "The hourly work on the database could not be done; it is tried again.",
                    metadata: ["error": "\(OperatorMessage(error))"])
            }
        }
    }
}
