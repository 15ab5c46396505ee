/// The `routing` section: attempts and their limits.
public struct RoutingConfiguration: Sendable, Hashable {
    /// The maximum number of attempts of a request.
    public let maxAttempts: Int
    /// The time limit for all attempts of a request together.
    public let deadlineMilliseconds: Int
    /// The gateway does not wait for a longer `Retry-After`.
    public let maxRetryAfterSeconds: Double
    /// Whether to retry a request that timed out after it was sent. The provider may bill it twice.
    public let retryAfterTimeout: Bool
    /// The cooldown of a failing route.
    public let cooldown: CooldownConfiguration

    init(_ map: MappingReader) {
        maxAttempts = map.value("max_attempts", .integer(in: 1...20), default: 3)
        deadlineMilliseconds = map.value("deadline_ms", .integer(in: 1...86_400_000), default: 600_000)
        maxRetryAfterSeconds = map.value("max_retry_after", .number(in: 0...60), default: 2)
        retryAfterTimeout = map.value("retry_after_timeout", .flag, default: false)
        cooldown = map.section("cooldown", CooldownConfiguration.init)
    }
}

/// The cooldown of a failing route.
public struct CooldownConfiguration: Sendable, Hashable {
    /// Consecutive failures.
    public let failures: Int
    /// The length of the cooldown.
    public let seconds: Double

    init(_ map: MappingReader) {
        failures = map.value("failures", .integer(in: 1...1000), default: 5)
        seconds = map.value("seconds", .number(in: 0...86400), default: 30)
    }
}
