/// The options of the simulator.
public struct SimulatorConfiguration: Sendable, Hashable {
    /// The delay before the head of a response.
    public let latencyMilliseconds: Int
    /// The speed of a stream; 0 sends it all at once.
    public let tokensPerSecond: Double
    /// The share of requests, from 0 to 1, that fail with 500.
    public let failureRate: Double
    /// The share of streams, from 0 to 1, that end early.
    public let truncateRate: Double
    /// Determines which requests fail, so that a test is repeatable.
    public let seed: Int

    init(_ map: MappingReader) {
        latencyMilliseconds = map.value("latency_ms", .integer(in: 0...3_600_000), default: 0)
        tokensPerSecond = map.value("tokens_per_second", .number(in: 0...1_000_000), default: 0)
        failureRate = map.value("failure_rate", .number(in: 0...1), default: 0)
        truncateRate = map.value("truncate_rate", .number(in: 0...1), default: 0)
        seed = map.value("seed", .integer(in: 0...Int.max), default: 0)
    }

    /// The default options.
    static func standard(_ map: MappingReader) -> SimulatorConfiguration {
        SimulatorConfiguration(MappingReader(nil, at: map.place, context: map.context))
    }
}
