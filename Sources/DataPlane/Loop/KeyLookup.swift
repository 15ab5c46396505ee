import GatewayCore
import NIOCore
import Routing

/// Finds keys for one event loop: cached keys at once, others with one query for all waiting requests.
///
/// A key that was never seen may be invented. Look-ups for such keys have a small budget of their own, so that they
/// take nothing from callers with a valid key: not even while everything has to be read again after a change.
final class KeyLookup {
    typealias Answer = (Result<KeyRecord?, GatewayError>) -> Void

    /// Who asks.
    enum Caller {
        /// Presented a secret that was valid before the last change.
        case known
        case stranger
    }

    /// A waiting request.
    struct Ticket {
        fileprivate let publicID: String
        fileprivate let number: Int
    }

    private struct Query {
        var waiting: [Int: (caller: Caller, answer: Answer)] = [:]
        /// Started by a stranger, and counted as such.
        let isCounted: Bool
    }

    private let eventLoop: any EventLoop
    private let source: any KeySource
    private let uses: KeyUseWriter
    private let load: ServerLoad
    private let known: KnownKeys
    private var cache = KeyCache()
    /// Increases with each invalidation, so that a query that started before one cannot restore what it read.
    private(set) var generation = 0
    private var queries: [String: Query] = [:]
    private var tickets = 0

    init(source: any KeySource, uses: KeyUseWriter, known: KnownKeys, load: ServerLoad, on eventLoop: any EventLoop) {
        self.source = source
        self.uses = uses
        self.load = load
        self.known = known
        self.eventLoop = eventLoop
    }

    /// The cached knowledge of a key, without waiting.
    func cached(_ publicID: String, now: Int64) -> KeyCache.Answer {
        let answer = cache.answer(for: publicID, now: now)
        switch answer {
        case .known, .absent: return answer
        case .outdated, .unknown:
            guard let record = known[publicID] else { return answer }
            cache.insert(record, for: publicID, now: now)
            return .known(record)
        }
    }

    func recordUse(of publicID: String, now: Int64) {
        cache.recordUse(of: publicID, now: now)
    }

    /// Queries the database for a key; calls `answer` later, on this loop, unless the ticket is abandoned before.
    /// - Throws: `overloaded` if too many strangers wait.
    func fetch(_ publicID: String, for caller: Caller, answer: @escaping Answer) throws(GatewayError) -> Ticket {
        if caller == .stranger { guard load.enterWaitingStranger() else { throw .overloaded } }
        if queries[publicID] == nil {
            guard startQuery(publicID, for: caller) else {
                load.leaveWaitingStranger()
                throw .overloaded
            }
        }
        tickets += 1
        queries[publicID]?.waiting[tickets] = (caller, answer)
        return Ticket(publicID: publicID, number: tickets)
    }

    /// The request no longer waits.
    func abandon(_ ticket: Ticket) {
        guard let waiting = queries[ticket.publicID]?.waiting.removeValue(forKey: ticket.number) else { return }
        if waiting.caller == .stranger { load.leaveWaitingStranger() }
    }

    private func startQuery(_ publicID: String, for caller: Caller) -> Bool {
        let isCounted = caller == .stranger
        guard !isCounted || load.enterStrangerQuery() else { return false }
        queries[publicID] = Query(isCounted: isCounted)
        query(publicID)
        return true
    }

    private func query(_ publicID: String) {
        let began = generation
        let knownBegan = known.generation
        eventLoop.makeFutureWithTask { [source, known] in  // reason: the loop waits for the result, under a deadline
            let record = try await source.find(publicID: publicID)
            if let record { known.insert(record, for: publicID, began: knownBegan) }
            return record
        }
        .assumeIsolated()
        .whenComplete { [self] result in finish(publicID, result, began: began) }
    }

    private func finish(_ publicID: String, _ result: Result<KeyRecord?, any Error>, began: Int) {
        // What was read may be outdated: the requests that still wait get it read again.
        if began != generation, queries[publicID]?.waiting.isEmpty == false { return query(publicID) }
        guard let query = queries.removeValue(forKey: publicID) else { return }
        if query.isCounted { load.leaveStrangerQuery() }
        if began == generation, case .success(let record) = result {
            cache.insert(record, for: publicID, now: WallClock.now())
        }
        let outcome = result.mapError { GatewayError.storeUnreachable("\($0)") }
        for (caller, answer) in query.waiting.values {
            if caller == .stranger { load.leaveWaitingStranger() }
            answer(outcome)
        }
    }

    /// Invalidates all keys: each is fetched again at its next use.
    func invalidate() {
        generation += 1
        cache.invalidate()
    }

    /// Passes the times of last use to the writer.
    func flushUses() {
        let taken = cache.takeUses()
        if !taken.isEmpty { uses.record(taken) }
    }
}
