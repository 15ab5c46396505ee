import GatewayCore
import NIOCore
import Routing

/// Finds keys for one event loop: cached keys at once, others with one query for all waiting requests.
final class KeyLookup {
    typealias Answer = (Result<KeyRecord?, GatewayError>) -> Void

    /// The maximum of concurrent queries; further callers get an error.
    private static let maxLookups = 256

    private let eventLoop: any EventLoop
    private let source: any KeySource
    private let uses: KeyUseWriter
    private var cache = KeyCache()
    /// Increases with each invalidation, so that a query that started before one cannot restore what it read.
    private var generation = 0
    private var waiting: [String: [Answer]] = [:]

    init(source: any KeySource, uses: KeyUseWriter, on eventLoop: any EventLoop) {
        self.source = source
        self.uses = uses
        self.eventLoop = eventLoop
    }

    /// The cached knowledge of a key, without waiting.
    func cached(_ publicID: String, now: Int64) -> KeyCache.Answer {
        cache.answer(for: publicID, now: now)
    }

    func recordUse(of publicID: String, now: Int64) {
        cache.recordUse(of: publicID, now: now)
    }

    /// Queries the database for a key; calls `answer` later, on this loop.
    func fetch(_ publicID: String, answer: @escaping Answer) {
        guard waiting[publicID] == nil else {
            waiting[publicID]?.append(answer)
            return
        }
        guard waiting.count < Self.maxLookups else {
            eventLoop.assumeIsolated().execute { answer(.failure(.overloaded)) }
            return
        }
        waiting[publicID] = [answer]
        let began = generation
        eventLoop.makeFutureWithTask { [source] in  // reason: the loop waits for the result, under a deadline
            try await source.find(publicID: publicID)
        }
        .assumeIsolated()
        .whenComplete { [self] result in finish(publicID, result, began: began) }
    }

    private func finish(_ publicID: String, _ result: Result<KeyRecord?, any Error>, began: Int) {
        let answers = waiting.removeValue(forKey: publicID) ?? []
        guard began == generation else {
            // The read record may be outdated, and further requests may be waiting.
            for answer in answers { fetch(publicID, answer: answer) }
            return
        }
        if case .success(let record) = result { cache.insert(record, for: publicID, now: WallClock.now()) }
        let outcome = result.mapError { GatewayError.storeUnreachable("\($0)") }
        for answer in answers { answer(outcome) }
    }

    /// Invalidates all keys: each is fetched again at its next use.
    func invalidate() {
        generation += 1
        cache.clear()
    }

    /// Passes the times of last use to the writer.
    func flushUses() {
        let taken = cache.takeUses()
        if !taken.isEmpty { uses.record(taken) }
    }
}
