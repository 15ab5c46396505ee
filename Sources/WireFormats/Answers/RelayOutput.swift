public import NIOCore

/// Why an upstream's answer cannot be relayed to its end.
public enum RelayError: Error, Sendable, Equatable {
    /// What came is not what the family's protocol allows. For the log: it quotes nothing of the answer.
    case malformed(String)
    /// The upstream reported an error in the body of an answer that had begun well.
    case upstreamReportedError(UpstreamErrorBody)
    /// One event of the stream is larger than the gateway is willing to hold.
    case eventTooLarge
    /// The answer ended before its end.
    case truncated
}

/// What a relay made of some bytes of the upstream's answer.
public struct RelayOutput: Sendable, Equatable {
    /// Bytes to send on, everything before the fault included. May be empty.
    public var bytes: ByteBuffer
    /// The event that told of the fault, if it is one that callers know. It says no more than the fault.
    public var failedEvent: ByteBuffer?
    /// After a fault nothing more comes out of the relay, and every further output has the same fault.
    public var fault: RelayError?

    /// An output, by default without a fault.
    public init(bytes: ByteBuffer, failedEvent: ByteBuffer? = nil, fault: RelayError? = nil) {
        self.bytes = bytes
        self.failedEvent = failedEvent
        self.fault = fault
    }
}
