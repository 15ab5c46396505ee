public import Logging
public import ServiceLifecycle
public import Store

/// Polls the change counters of the database every second, and when a change is announced, so that a change by another
/// process takes effect within two seconds.
public struct ChangeWatch: Service {
    /// The result of a poll.
    public enum Finding: Sendable, Equatable {
        case unchanged
        case changed(ChangeVersion)
        /// The database is unreachable; caches stay as they are.
        case unreachable
        /// The database has been unreachable for `maxStaleness`; cached data must not be used any more.
        case stale
    }

    private let source: any KeySource
    private let interval: Duration
    private let maxStaleness: Duration
    private let announcements: AsyncStream<Void>
    private let logger: Logger
    private let describe: @Sendable (any Error) -> String
    private let report: @Sendable (Finding) async throws -> Void

    /// - Parameters:
    ///   - announcements: trigger the next poll early.
    ///   - describe: what the log says of an error.
    ///   - report: receives the result of each poll. If it throws, the next poll reports the change again.
    public init(
        source: any KeySource, interval: Duration = .seconds(1), maxStaleness: Duration = .seconds(300),
        announcements: AsyncStream<Void> = AsyncStream { $0.finish() }, logger: Logger,
        describe: @escaping @Sendable (any Error) -> String = { "\($0)" },
        report: @escaping @Sendable (Finding) async throws -> Void
    ) {
        self.source = source
        self.interval = interval
        self.maxStaleness = maxStaleness
        self.announcements = announcements
        self.logger = logger
        self.describe = describe
        self.report = report
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            let (ticks, ticking) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        ticking.yield()
                        try? await Task.sleep(for: interval)  // reason: the interval between polls
                    }
                    ticking.finish()
                }
                group.addTask { for await _ in announcements { ticking.yield() } }
                var state = State()
                for await _ in ticks where !Task.isCancelled { await poll(&state) }
            }
        }
    }

    private struct State {
        /// The last version that `report` accepted.
        var last: ChangeVersion?
        var lastReached = ContinuousClock.now
        var isReachable = true
        var isBroken = false
    }

    private func poll(_ state: inout State) async {
        let version: ChangeVersion
        do {
            version = try await source.changeVersion()
        } catch {
            await recordUnreachable(error, &state)
            return
        }
        if !state.isReachable { logger.notice("The database is reachable again.") }
        state.isReachable = true
        state.lastReached = .now
        do {
            try await report(state.last == version ? .unchanged : .changed(version))
            state.last = version
            state.isBroken = false
        } catch {
            if !state.isBroken, !Task.isCancelled {
                logger.error(
                    "Could not apply the change; keeping the previous configuration.",
                    metadata: ["error": "\(describe(error))"])
            }
            state.isBroken = true
        }
    }

    private func recordUnreachable(_ error: any Error, _ state: inout State) async {
        guard !Task.isCancelled else { return }
        if state.isReachable {
            logger.error(
                "The database is unreachable; cached keys stay valid.", metadata: ["error": "\(describe(error))"])
        }
        state.isReachable = false
        let isStale = .now - state.lastReached > maxStaleness
        // After an outage this long, the first version that is read counts as a change.
        if isStale { state.last = nil }
        // Receivers accept an outage without an error.
        try? await report(isStale ? .stale : .unreachable)
    }
}
