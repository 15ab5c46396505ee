public import Logging
public import ServiceLifecycle
public import Store

/// Looks each second, and when a change is announced, whether anything that the gateway caches has changed in the database, so
/// that a change made by another process is in force within two seconds.
public struct ChangeWatch: Service {
    /// What a look found.
    public enum Finding: Sendable, Equatable {
        case unchanged
        case changed(ChangeVersion)
        /// The database could not be reached; caches stay as they are.
        case unreachable
        /// It could not be reached for so long that what is cached must not be relied on any more.
        case stale
    }

    private let source: any KeySource
    private let interval: Duration
    private let maxStaleness: Duration
    private let announcements: AsyncStream<Void>
    private let logger: Logger
    private let report: @Sendable (Finding) async throws -> Void

    /// - Parameters:
    ///   - announcements: hurry the next look.
    ///   - report: told the finding of each look. A change that it could not deal with, which it says by throwing, is found
    ///     again at the next look.
    public init(
        source: any KeySource, interval: Duration = .seconds(1), maxStaleness: Duration = .seconds(300),
        announcements: AsyncStream<Void> = AsyncStream { $0.finish() }, logger: Logger,
        report: @escaping @Sendable (Finding) async throws -> Void
    ) {
        self.source = source
        self.interval = interval
        self.maxStaleness = maxStaleness
        self.announcements = announcements
        self.logger = logger
        self.report = report
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            let (ticks, ticking) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        ticking.yield()
                        try? await Task.sleep(for: interval)  // reason: the watch's rhythm; cancelling ends it
                    }
                    ticking.finish()
                }
                group.addTask { for await _ in announcements { ticking.yield() } }
                var state = State()
                for await _ in ticks where !Task.isCancelled { await look(&state) }
            }
        }
    }

    private struct State {
        /// The last version that was dealt with.
        var last: ChangeVersion?
        var lastReached = ContinuousClock.now
        var isReachable = true
        var isBroken = false
    }

    private func look(_ state: inout State) async {
        let version: ChangeVersion
        do {
            version = try await source.changeVersion()
        } catch {
            await recordUnreachable(error, &state)
            return
        }
        if !state.isReachable { logger.notice("The database can be reached again.") }
        state.isReachable = true
        state.lastReached = .now
        do {
            try await report(state.last == version ? .unchanged : .changed(version))
            state.last = version
            state.isBroken = false
        } catch {
            if !state.isBroken, !Task.isCancelled {
                logger.error("A change cannot be taken over; what was before goes on.", metadata: ["error": "\(error)"])
            }
            state.isBroken = true
        }
    }

    private func recordUnreachable(_ error: any Error, _ state: inout State) async {
        guard !Task.isCancelled else { return }
        if state.isReachable {
            logger.error("The database cannot be reached; known keys go on.", metadata: ["error": "\(error)"])
        }
        state.isReachable = false
        let isStale = .now - state.lastReached > maxStaleness
        // What is cached is not relied on afterwards either.
        if isStale { state.last = nil }
        // Noting an absence cannot fail.
        try? await report(isStale ? .stale : .unreachable)
    }
}
