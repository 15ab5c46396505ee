public import Logging
public import ServiceLifecycle

/// Looks each second whether anything that the gateway caches has changed in the database, so that a change made by another
/// process is in force within two seconds.
public struct ChangeWatch: Service {
    /// What a look found.
    public enum Finding: Sendable, Equatable {
        case unchanged
        case changed
        /// The database could not be reached; caches stay as they are.
        case unreachable
    }

    private let source: any KeySource
    private let interval: Duration
    private let logger: Logger
    private let report: @Sendable (Finding) async -> Void

    /// - Parameter report: told the finding of each look.
    public init(
        source: any KeySource, interval: Duration = .seconds(1), logger: Logger,
        report: @escaping @Sendable (Finding) async -> Void
    ) {
        self.source = source
        self.interval = interval
        self.logger = logger
        self.report = report
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await look() }
    }

    private func look() async {
        var last: Int64?
        var isReachable = true
        while !Task.isCancelled {
            do {
                let version = try await source.changeVersion()
                await report(last == version ? .unchanged : .changed)
                last = version
                if !isReachable { logger.notice("The database can be reached again.") }
                isReachable = true
            } catch {
                await report(.unreachable)
                if isReachable {
                    logger.error("The database cannot be reached; known keys go on.", metadata: ["error": "\(error)"])
                }
                isReachable = false
            }
            try? await Task.sleep(for: interval)  // reason: the watch's rhythm; cancelling ends it
        }
    }
}
