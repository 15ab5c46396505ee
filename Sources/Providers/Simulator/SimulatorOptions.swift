/// How the simulated provider behaves, from `providers.<id>.simulator` in the configuration.
public struct SimulatorOptions: Sendable, Hashable {
    /// From the request to the head of the answer.
    public var latencyMilliseconds: Int
    /// The pace of the answer after that, by the rule of `SimulatedTokens`; 0: all at once.
    public var tokensPerSecond: Double
    /// The share of requests, 0 to 1, that are answered with status 500.
    public var failureRate: Double
    /// The share of streams, 0 to 1, that end in their midst, as if the upstream had been cut off.
    public var truncateRate: Double
    /// Chooses words, failures and cuts: the same seed and the same requests give the same answers.
    public var seed: UInt64

    /// Options of a provider that, by default, answers well and at once.
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
