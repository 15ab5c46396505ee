/// Which route of a plan is tried next, as a value (docs/model-routing.md, Attempts).
///
/// Every route once, in the order of the plan; then, if a failure was of a kind that passes, one of them once more.
public struct AttemptSequence: Sendable, Hashable {
    /// The limits of `routing`.
    public struct Limits: Sendable, Hashable {
        /// All attempts of a request together.
        public let maxAttempts: Int
        /// The longest `Retry-After`, in milliseconds, that is waited for.
        public let maxWait: Int

        public init(maxAttempts: Int = 3, maxWait: Int = 2000) {
            self.maxAttempts = maxAttempts
            self.maxWait = maxWait
        }
    }

    /// What comes next.
    public struct Step: Sendable, Hashable {
        /// In the plan.
        public let position: Int
        /// Milliseconds to wait before.
        public let wait: Int

        public init(position: Int, wait: Int) {
            self.position = position
            self.wait = wait
        }
    }

    /// Before a route is tried again that did not say when.
    private static let ordinaryWait = 200

    private struct Failure: Hashable {
        let position: Int
        /// Milliseconds.
        let wait: Int
    }

    private let routes: Int
    private let limits: Limits
    private var attempts = 0
    private var next = 0
    /// What may be tried once more.
    private var repeatable: [Failure] = []
    private var last = 0
    private var hasRepeated = false

    /// - Parameter routes: how many the plan has; at least one.
    public init(routes: Int, limits: Limits) {
        self.routes = routes
        self.limits = limits
    }

    /// Whether another attempt is possible should the present one fail in a way that passes.
    public var hasMore: Bool {
        attempts < limits.maxAttempts && (next < routes || !hasRepeated)
    }

    /// The first attempt.
    public mutating func begin() -> Step {
        attempt(0, after: 0)
    }

    /// The attempt after the present one has failed; nil if there is to be none.
    public mutating func advance(after retry: GatewayError.Retry, retryAfterSeconds: Int?) -> Step? {
        guard retry != .never, attempts < limits.maxAttempts else { return nil }
        let wait = retryAfterSeconds.map { $0 > 1_000_000 ? .max : $0 * 1000 } ?? Self.ordinaryWait
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
