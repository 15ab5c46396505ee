/// The simulator's options: how the upstream that is not there behaves.
public struct SimulatorConfiguration: Sendable, Hashable {
    /// Before the head of an answer.
    public let latencyMilliseconds: Int
    /// How fast a stream goes on; 0 for all at once.
    public let tokensPerSecond: Double
    /// The share of requests, from 0 to 1, that are answered with 500.
    public let failureRate: Double
    /// The share of streams, from 0 to 1, that are cut before their end.
    public let truncateRate: Double
    /// Decides which requests fail, so that a test can be repeated.
    public let seed: Int

    init(_ map: MappingReader) {
        latencyMilliseconds = map.value("latency_ms", .integer(in: 0...3_600_000), default: 0)
        tokensPerSecond = map.value("tokens_per_second", .number(in: 0...1_000_000), default: 0)
        failureRate = map.value("failure_rate", .number(in: 0...1), default: 0)
        truncateRate = map.value("truncate_rate", .number(in: 0...1), default: 0)
        seed = map.value("seed", .integer(in: 0...Int.max), default: 0)
    }

    /// All defaults.
    static func standard(_ map: MappingReader) -> SimulatorConfiguration {
        SimulatorConfiguration(MappingReader(nil, at: map.place, context: map.context))
    }
}
