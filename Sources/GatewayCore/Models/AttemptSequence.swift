/// Chooses the route for the next attempt, as a value (docs/model-routing.md, Attempts).
///
/// It tries every route once, in the order of the plan, and then one of them again if its failure was transient.
public struct AttemptSequence: Sendable, Hashable {
    /// The limits of `routing`.
    public struct Limits: Sendable, Hashable {
        /// The maximum number of attempts of a request.
        public let maxAttempts: Int
        /// The longest `Retry-After` to wait for, in milliseconds.
        public let maxWait: Int

        public init(maxAttempts: Int = 3, maxWait: Int = 2000) {
            self.maxAttempts = maxAttempts
            self.maxWait = maxWait
        }
    }

    /// The next attempt.
    public struct Step: Sendable, Hashable {
        /// The route's position in the plan.
        public let position: Int
        /// Milliseconds to wait before the attempt.
        public let wait: Int

        public init(position: Int, wait: Int) {
            self.position = position
            self.wait = wait
        }
    }

    /// Milliseconds to wait before retrying a route that sent no `Retry-After`.
    private static let ordinaryWait = 200

    private struct Failure: Hashable {
        let position: Int
        /// Milliseconds to wait before a retry.
        let wait: Int
    }

    private let routes: Int
    private let limits: Limits
    private var attempts = 0
    private var next = 0
    /// The failures whose routes may be retried.
    private var repeatable: [Failure] = []
    private var last = 0
    private var hasRepeated = false
    private var wasUnadorned = false

    /// - Parameter routes: the number of routes in the plan, at least one.
    public init(routes: Int, limits: Limits) {
        self.routes = routes
        self.limits = limits
    }

    /// Whether another attempt is possible if the current one has a transient failure.
    public var hasMore: Bool {
        attempts < limits.maxAttempts && (next < routes || !hasRepeated)
    }

    /// The first attempt.
    public mutating func begin() -> Step {
        attempt(0, after: 0)
    }

    /// The attempt that follows the failure of the current one; nil if none follows.
    ///
    /// A request that failed for what the gateway itself had added is sent again without it, once, whatever the limit.
    /// - Parameter retryAfter: milliseconds; nil if the provider did not say.
    public mutating func advance(after retry: GatewayError.Retry, retryAfter: Int?) -> Step? {
        if retry == .unadorned, !wasUnadorned {
            wasUnadorned = true
            return attempt(last, after: 0)
        }
        guard retry != .never, attempts < limits.maxAttempts else { return nil }
        let wait = retryAfter ?? Self.ordinaryWait
        if retry == .anywhere, !hasRepeated, wait <= max(limits.maxWait, Self.ordinaryWait) {
            repeatable.append(Failure(position: last, wait: wait))
        }
        if next < routes { return attempt(next, after: 0) }
        guard !hasRepeated, let best = repeatable.min(by: { ($0.wait, $0.position) < ($1.wait, $1.position) }) else {
            return nil
        }
        hasRepeated = true
        return attempt(best.position, after: best.wait)
    }

    private mutating func attempt(_ position: Int, after wait: Int) -> Step {
        attempts += 1
        last = position
        next = max(next, position + 1)
        return Step(position: position, wait: wait)
    }
}
