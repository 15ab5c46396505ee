import GatewayCore
import NIOCore
import Routing

/// Finds keys for one event loop: what is cached at once, everything else with one query for all who wait for it.
final class KeyLookup {
    typealias Answer = (Result<KeyRecord?, GatewayError>) -> Void

    /// Queries under way at once; further callers are told to come back.
    private static let maxLookups = 256

    private let eventLoop: any EventLoop
    private let source: any KeySource
    private let uses: KeyUseWriter
    private var cache = KeyCache()
    /// Rises with each invalidation, so that a query that began before one cannot bring back what it read.
    private var generation = 0
    private var waiting: [String: [Answer]] = [:]

    init(source: any KeySource, uses: KeyUseWriter, on eventLoop: any EventLoop) {
        self.source = source
        self.uses = uses
        self.eventLoop = eventLoop
    }

    /// What is known of a key without waiting.
    func cached(_ publicID: String, now: Int64) -> KeyCache.Answer {
        cache.answer(for: publicID, now: now)
    }

    func recordUse(of publicID: String, now: Int64) {
        cache.recordUse(of: publicID, now: now)
    }

    /// Asks the database for a key; `answer` is called on this loop, later.
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
        eventLoop.makeFutureWithTask { [source] in  // reason: the answer is waited for on the loop, under a deadline
            try await source.find(publicID: publicID)
        }
        .assumeIsolated()
        .whenComplete { [self] result in finish(publicID, result, began: began) }
    }

    private func finish(_ publicID: String, _ result: Result<KeyRecord?, any Error>, began: Int) {
        let answers = waiting.removeValue(forKey: publicID) ?? []
        guard began == generation else {
            // What was read may be what has just been changed, and some may have asked since then.
            for answer in answers { fetch(publicID, answer: answer) }
            return
        }
        if case .success(let record) = result { cache.insert(record, for: publicID, now: WallClock.now()) }
        let outcome = result.mapError { GatewayError.storeUnreachable("\($0)") }
        for answer in answers { answer(outcome) }
    }

    /// Keys may have changed: each is fetched again when it is next used.
    func invalidate() {
        generation += 1
        cache.clear()
    }

    /// Hands over when keys were used.
    func flushUses() {
        let taken = cache.takeUses()
        if !taken.isEmpty { uses.record(taken) }
    }
}
