/// The `routing` section: attempts and their limits.
public struct RoutingConfiguration: Sendable, Hashable {
    /// How many attempts a request has at most.
    public let maxAttempts: Int
    /// For all attempts of a request together.
    public let deadlineMilliseconds: Int
    /// A longer `Retry-After` of a provider is not waited for.
    public let maxRetryAfterSeconds: Double
    /// Whether a request that timed out after it was sent is tried again. It may be billed twice.
    public let retryAfterTimeout: Bool
    /// When a failing route rests.
    public let cooldown: CooldownConfiguration

    init(_ map: MappingReader) {
        maxAttempts = map.value("max_attempts", .integer(in: 1...20), default: 3)
        deadlineMilliseconds = map.value("deadline_ms", .integer(in: 1...86_400_000), default: 600_000)
        maxRetryAfterSeconds = map.value("max_retry_after", .number(in: 0...60), default: 2)
        retryAfterTimeout = map.value("retry_after_timeout", .flag, default: false)
        cooldown = map.section("cooldown", CooldownConfiguration.init)
    }
}

/// When a failing route rests.
public struct CooldownConfiguration: Sendable, Hashable {
    /// Failures in a row.
    public let failures: Int
    /// How long it rests.
    public let seconds: Double

    init(_ map: MappingReader) {
        failures = map.value("failures", .integer(in: 1...1000), default: 5)
        seconds = map.value("seconds", .number(in: 0...86400), default: 30)
    }
}
