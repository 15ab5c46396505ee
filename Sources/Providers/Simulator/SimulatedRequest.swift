public import NIOCore

/// A request as an OpenAI-compatible upstream would get it.
public struct SimulatedRequest: Sendable {
    /// What is asked for.
    public enum Endpoint: Sendable, Hashable {
        case chatCompletions
    }

    /// Which API is asked.
    public let endpoint: Endpoint
    /// The request's JSON, in the pieces in which it came.
    public let body: [ByteBuffer]
    /// Which of the provider's requests this is: failures and cuts are drawn from it and the seed, so that equal requests
    /// do not all meet the same fate.
    public let ordinal: UInt64

    /// A request for `endpoint`.
    public init(_ endpoint: Endpoint, body: [ByteBuffer], ordinal: UInt64) {
        self.endpoint = endpoint
        self.body = body
        self.ordinal = ordinal
    }
}
