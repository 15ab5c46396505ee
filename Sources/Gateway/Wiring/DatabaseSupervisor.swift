import DataPlane
import Database
import Logging
import Routing
import ServiceLifecycle
import Store

/// Gets the database to where the gateway can serve from it, however long that takes, and looks after it from then on.
struct DatabaseSupervisor: Service {
    let startup: Startup
    /// What was in the way at the first attempt; nil if nothing was.
    let blocker: Startup.StartupBlocker?
    let watch: ChangeWatch
    let runtime: GatewayRuntime
    let heartbeat: Heartbeat
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            guard try await isStarted() else { return }
            readiness.recordLoaded()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watch.run() }
                group.addTask { await heartbeat.run() }
                group.addTask { await maintainPartitions() }
                try await group.waitForAll()
            }
        }
    }

    /// Tries each second. False if the gateway stops before that.
    private func isStarted() async throws -> Bool {
        var last = blocker
        record(last, instead: nil)
        while last != nil {
            try? await Task.sleep(for: .seconds(1))  // reason: the rhythm of the attempts; cancelling ends it
            guard !Task.isCancelled else { return false }
            let next = try await startup.attempt()
            if next == nil { try await runtime.refresh() }
            if next != last { record(next, instead: last) }
            last = next
        }
        return true
    }

    private func record(_ blocker: Startup.StartupBlocker?, instead last: Startup.StartupBlocker?) {
        if let last { readiness.record(last.check, isFine: true) }
        guard let blocker else { return }
        blocker.log(to: logger)
        readiness.record(blocker.check, isFine: false)
    }

    private func maintainPartitions() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(3600))  // reason: the rhythm of the work; cancelling ends it
            guard !Task.isCancelled else { return }
            do {
                try await RequestLogPartitions.prepare(on: startup.opened.database, now: WallClock.now())
                try await startup.opened.store.responses.deleteOld()
            } catch {
                logger.warning(
                    "The hourly work on the database could not be done; it is tried again.",
                    metadata: ["error": "\(OperatorMessage(error))"])
            }
        }
    }
}
