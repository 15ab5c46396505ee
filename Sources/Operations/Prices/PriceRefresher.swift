import Accounting
public import Logging
public import Routing
public import ServiceLifecycle

/// Looks for newer prices in the background, at an interval that all gateways on the database share.
public struct PriceRefresher: Service {
    private let configuration: ConfigurationService
    private let source: any PriceListSource
    private let interval: Duration
    private let readiness: Readiness
    private let close: @Sendable () async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - interval: between two looks; zero looks never.
    ///   - close: called at the end.
    public init(
        _ configuration: ConfigurationService, source: any PriceListSource, interval: Duration, readiness: Readiness,
        close: @escaping @Sendable () async -> Void, logger: Logger
    ) {
        self.configuration = configuration
        self.source = source
        self.interval = interval
        self.readiness = readiness
        self.close = close
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            guard interval > .zero else {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(3600))  // reason: until the gateway stops; cancelling ends it
                }
                return
            }
            while !readiness.isLoaded, !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))  // reason: the database's start has no other sign
            }
            var failure: String?
            while !Task.isCancelled {
                let wait = await look(&failure)
                try? await Task.sleep(for: wait)  // reason: the interval of the refresh; cancelling ends it
            }
        }
        await close()
    }

    /// - Parameter failure: the last logged one.
    /// - Returns: the time until the next look.
    private func look(_ failure: inout String?) async -> Duration {
        do {
            let result = try await configuration.refreshPrices(from: source, ifOlderThan: interval)
            if failure != nil { logger.notice("The price list can be refreshed again.") }
            failure = nil
            result.log(to: logger, source: source.name)
            switch result {
            case .notDue(let age): return max(.seconds(1), interval - age) + jitter()
            // A route may need it soon.
            case .notUsed: return min(interval, .seconds(60))
            case .unchanged, .updated: break
            }
        } catch {
            guard !Task.isCancelled else { return .zero }
            let message = "\(OperatorMessage(error))"
            if failure != message {
                logger.warning(
                    "Could not refresh the prices; those before stay in effect. It is tried again at each interval.",
                    metadata: ["error": "\(message)"])
            }
            failure = message
        }
        return interval + jitter()
    }

    /// So that gateways that were started together do not all look at once.
    private func jitter() -> Duration {
        .seconds(Double.random(in: 0...min(30, interval / Duration.seconds(20))))
    }
}

extension PriceRefresh {
    fileprivate func log(to logger: Logger, source: String) {
        guard case .updated(let changes, let leftOut) = self else { return }
        logger.notice(
            "The price list is refreshed.",
            metadata: [
                "source": "\(source)", "added": "\(changes.added.count)", "repriced": "\(changes.repriced.count)",
                "removed": "\(changes.removed.count)",
            ])
        guard !leftOut.isEmpty else { return }
        logger.warning(
            "Entries of the price list make no sense and are left out.",
            metadata: [
                "source": "\(source)", "entries": "\(leftOut.count)",
                "first": "\(leftOut.prefix(5).map(\.description).joined(separator: "; "))",
            ])
    }
}
