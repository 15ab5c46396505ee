/// How one route has been doing on this gateway, and whether it should rest: a pure state machine (docs/model-routing.md, Rest).
///
/// Times are microseconds since 1970 UTC, passed in.
public struct RouteHealth: Sendable, Hashable {
    /// When a route rests.
    public struct Policy: Sendable, Hashable {
        /// So many failures in a row.
        public let failures: Int
        /// Microseconds.
        public let cooldown: Int64

        public init(failures: Int, cooldown: Int64) {
            self.failures = failures
            self.cooldown = cooldown
        }
    }

    /// What an attempt says about its route.
    public enum Outcome: Sendable, Hashable {
        /// It answers, be it with a complaint about the request.
        case healthy
        /// It failed: no connection, no head in time, a 5xx, rejected credentials, an unusable answer.
        case failed
        /// It asked to be left alone for so long; nil if it did not say for how long. Microseconds.
        case limited(Int64?)
        /// The attempt was given up for reasons of the client or the gateway.
        case unknown
    }

    /// Whether the route may be tried.
    public enum Condition: Sendable, Hashable {
        case open
        /// Not until then.
        case coolingDown(until: Int64)
        /// The rest is over; one request may find out how it is.
        case probing
    }

    /// A provider may ask for so long a rest at most, in microseconds: an hour. A slip of its clock must not end a route.
    public static let maxCooldown: Int64 = 3600 * 1_000_000

    /// In a row.
    public private(set) var failures = 0
    /// When the rest is over; nil for a route that does not rest.
    public private(set) var cooldownEndsAt: Int64?
    /// A request is finding out how the route is.
    public private(set) var isProbed = false

    /// Nothing is known against it.
    public init() {}

    /// Whether it is as good as unknown.
    public var isHealthy: Bool { failures == 0 && cooldownEndsAt == nil }

    /// Whether it may be tried at the time `now`.
    public func condition(at now: Int64) -> Condition {
        guard let cooldownEndsAt else { return .open }
        return now < cooldownEndsAt || isProbed ? .coolingDown(until: cooldownEndsAt) : .probing
    }

    /// An attempt begins; true if it is the one that finds out.
    public mutating func begin(at now: Int64) -> Bool {
        guard condition(at: now) == .probing else { return false }
        isProbed = true
        return true
    }

    /// An attempt is over.
    /// - Parameter wasProbe: what `begin` said.
    public mutating func end(_ outcome: Outcome, wasProbe: Bool, at now: Int64, policy: Policy) {
        if wasProbe { isProbed = false }
        switch outcome {
        case .healthy:
            failures = 0
            // What began before the rest says nothing about what is now, unless it is the probe.
            if wasProbe || now >= cooldownEndsAt ?? 0 { cooldownEndsAt = nil }
        case .failed:
            failures += 1
            if failures >= policy.failures || wasProbe { rest(until: now + policy.cooldown) }
        case .limited(let time):
            rest(until: now + min(time ?? policy.cooldown, max(policy.cooldown, Self.maxCooldown)))
        case .unknown: break
        }
    }

    private mutating func rest(until time: Int64) {
        cooldownEndsAt = max(time, cooldownEndsAt ?? time)
    }
}
