/// How the simulated provider behaves, from `providers.<id>.simulator` in the configuration.
public struct SimulatorOptions: Sendable, Hashable {
    /// The time from the request to the head of the answer.
    public var latencyMilliseconds: Int
    /// The pace of the answer after that, by the rule of `SimulatedTokens`; 0 for all at once.
    public var tokensPerSecond: Double
    /// The share of requests, 0 to 1, that fail with status 500.
    public var failureRate: Double
    /// The share of streams, 0 to 1, that end half-way, as if the upstream had lost its connection.
    public var truncateRate: Double
    /// Determines words, failures and truncations: the same seed and the same requests give the same answers.
    public var seed: UInt64

    /// Options of a provider that, by default, answers at once without failures.
    public init(
        latencyMilliseconds: Int = 0, tokensPerSecond: Double = 0, failureRate: Double = 0, truncateRate: Double = 0,
        seed: UInt64 = 0
    ) {
        self.latencyMilliseconds = latencyMilliseconds
        self.tokensPerSecond = tokensPerSecond
        self.failureRate = failureRate
        self.truncateRate = truncateRate
        self.seed = seed
    }
}
