import GatewayCore
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

    /// Each given-up question may hold a thread and a connection.
    private static let maxAbandoned = 3

    private let source: any KeySource
    private let interval: Duration
    private let maxStaleness: Duration
    private let answerLimit: Duration
    private let announcements: AsyncStream<Void>
    private let logger: Logger
    private let describe: @Sendable (any Error) -> String
    private let report: @Sendable (Finding) async -> Void

    /// - Parameters:
    ///   - answerLimit: how long the database may take before it counts as unreachable, whatever it waits for: its own
    ///     limits do not end the resolution of a host name.
    ///   - announcements: trigger the next poll early.
    ///   - describe: what the log says of an error.
    ///   - report: receives the result of each poll. It must return soon: no poll is made meanwhile.
    public init(
        source: any KeySource, interval: Duration = .seconds(1), maxStaleness: Duration = .seconds(300),
        answerLimit: Duration = .seconds(10), announcements: AsyncStream<Void> = AsyncStream { $0.finish() },
        logger: Logger,
        describe: @escaping @Sendable (any Error) -> String = { "\($0)" },
        report: @escaping @Sendable (Finding) async -> Void
    ) {
        self.source = source
        self.interval = interval
        self.maxStaleness = maxStaleness
        self.answerLimit = answerLimit
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
        /// The last version that was reported.
        var last: ChangeVersion?
        var lastReached = ContinuousClock.now
        var isReachable = true
        /// The question that the database has not answered yet, and when it was asked.
        var asking: (question: Task<ChangeVersion, any Error>, since: ContinuousClock.Instant)?
        /// Questions that were given up and may never end.
        var abandoned = 0
    }

    private func poll(_ state: inout State) async {
        let version: ChangeVersion
        do {
            version = try await ask(&state)
        } catch {
            await recordUnreachable(error, &state)
            return
        }
        if !state.isReachable { logger.notice("The database is reachable again.") }
        state.isReachable = true
        await report(state.last == version ? .unchanged : .changed(version))
        state.last = version
    }

    /// At most one question at a time. One that hangs is waited for again, and given up after a while for a new one:
    /// the database may be well again while the old question still hangs.
    private func ask(_ state: inout State) async throws -> ChangeVersion {
        if let asking = state.asking, asking.since.duration(to: .now) > answerLimit * 6,
            state.abandoned < Self.maxAbandoned
        {
            state.abandoned += 1
            state.asking = nil
        }
        let since = state.asking?.since ?? .now
        let question =
            state.asking?.question
            ?? Task { [source] in  // reason: one that hangs must not hold up the watch
                try await source.changeVersion()
            }
        state.asking = (question, since)
        let result: Result<ChangeVersion, any Error>
        do { result = try await firstResult(of: question, within: answerLimit) } catch let late as NoResult {
            throw NoAnswer(limit: late.limit)
        }
        state.asking = nil
        let version = try result.get()
        // What a late answer says was true when it was asked for.
        state.lastReached = since
        return version
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
        await report(isStale ? .stale : .unreachable)
    }
}

/// The database has not answered in time.
private struct NoAnswer: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "The database has not answered within \(limit)." }
}
