/// The recent outcomes of one route on this gateway, and whether it is cooling down: a pure state machine
/// (docs/model-routing.md, Cooldown).
///
/// Times are microseconds since 1970 UTC, passed in.
public struct RouteHealth: Sendable, Hashable {
    /// When a route cools down, and for how long.
    public struct Policy: Sendable, Hashable {
        /// How many failures in a row start a cooldown.
        public let failures: Int
        /// Microseconds.
        public let cooldown: Int64

        public init(failures: Int, cooldown: Int64) {
            self.failures = failures
            self.cooldown = cooldown
        }
    }

    /// What the end of an attempt says about its route.
    public enum Outcome: Sendable, Hashable {
        /// It answers, even if with an error about the request.
        case healthy
        /// It failed: no connection, no head in time, a 5xx, rejected credentials, an unusable answer.
        case failed
        /// The provider's rate limit was reached. Microseconds until a retry makes sense; nil if the provider did not
        /// say.
        case limited(Int64?)
        /// The client or the gateway ended the attempt.
        case unknown
    }

    /// Whether the route may be tried.
    public enum Condition: Sendable, Hashable {
        case open
        /// Not before `until`.
        case coolingDown(until: Int64)
        /// The cooldown is over; one request may probe the route.
        case probing
    }

    /// The longest cooldown that a provider may ask for, in microseconds: one hour. A provider's wrong clock must not
    /// disable a route.
    public static let maxCooldown: Int64 = 3600 * 1_000_000

    /// Whose requests have failed.
    private enum Failing: Hashable {
        case none
        /// Only those of this owner: its requests may be the cause.
        case one(KeyOwner)
        case several

        mutating func add(_ owner: KeyOwner?) {
            switch self {
            case .none: self = owner.map(Failing.one) ?? .several
            case .one(let known): if known != owner { self = .several }
            case .several: break
            }
        }
    }

    /// Failures in a row.
    public private(set) var failures = 0
    /// When the cooldown ends; nil if there is none.
    public private(set) var cooldownEndsAt: Int64?
    /// The only owner for whose requests the route cools down; nil if it cools down for all.
    public private(set) var cooldownOwner: KeyOwner?
    private var failing = Failing.none
    /// A request is probing the route.
    public private(set) var isProbed = false

    /// A healthy route.
    public init() {}

    /// Whether there is nothing to remember about the route.
    public var isHealthy: Bool { failures == 0 && cooldownEndsAt == nil }

    /// Whether the route may be tried at the time `now`.
    /// - Parameter owner: the owner of the request's key; nil asks for any owner.
    public func condition(at now: Int64, for owner: KeyOwner? = nil) -> Condition {
        guard let cooldownEndsAt else { return .open }
        if let cooldownOwner, let owner, owner != cooldownOwner { return .open }
        return now < cooldownEndsAt || isProbed ? .coolingDown(until: cooldownEndsAt) : .probing
    }

    /// Records the start of an attempt.
    /// - Returns: whether the attempt is the probe.
    public mutating func begin(at now: Int64, for owner: KeyOwner? = nil) -> Bool {
        guard condition(at: now, for: owner) == .probing else { return false }
        isProbed = true
        return true
    }

    /// Records the end of an attempt.
    ///
    /// Failures of one owner's requests alone make the route cool down for that owner alone: its requests may be the
    /// cause, and must not take the route from the others.
    /// - Parameters:
    ///   - owner: the owner of the request's key; nil if no request can have caused the failure.
    ///   - wasProbe: what `begin` returned.
    public mutating func end(
        _ outcome: Outcome, of owner: KeyOwner? = nil, wasProbe: Bool, at now: Int64, policy: Policy
    ) {
        if wasProbe { isProbed = false }
        switch outcome {
        case .healthy:
            failures = 0
            failing = .none
            // An attempt that began before the cooldown says nothing about the route's present state, unless it is the
            // probe.
            if wasProbe || now >= cooldownEndsAt ?? 0 { (cooldownEndsAt, cooldownOwner) = (nil, nil) }
        case .failed:
            failures += 1
            failing.add(owner)
            if failures >= policy.failures || wasProbe { coolDown(until: now + policy.cooldown, at: now) }
        case .limited(let time):
            failing.add(owner)
            coolDown(until: now + min(time ?? policy.cooldown, max(policy.cooldown, Self.maxCooldown)), at: now)
        case .unknown: break
        }
    }

    private mutating func coolDown(until time: Int64, at now: Int64) {
        var owner: KeyOwner?
        if case .one(let only) = failing { owner = only }
        // Two owners have reached a cooldown, each by itself.
        if let cooldownEndsAt, now < cooldownEndsAt, cooldownOwner != owner { owner = nil }
        cooldownOwner = owner
        cooldownEndsAt = max(time, cooldownEndsAt ?? time)
    }
}
