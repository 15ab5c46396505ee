public import NIOCore

/// Why the relay of an upstream's answer failed.
public enum RelayError: Error, Sendable, Equatable {
    /// The bytes violate the family's protocol. The reason is for the log: it quotes nothing of the answer.
    case malformed(String)
    /// The upstream reported an error in the body of a 200 answer.
    case upstreamReportedError(UpstreamErrorBody)
    /// One event of the stream exceeds the gateway's buffer limit.
    case eventTooLarge
    /// The answer ended too early.
    case truncated
}

/// The output of a relay for some bytes of the upstream's answer.
public struct RelayOutput: Sendable, Equatable {
    /// The bytes to send, including everything before a fault. May be empty.
    public var bytes: ByteBuffer
    /// The event that reported the fault, if clients know such events.
    public var failedEvent: ByteBuffer?
    /// The error within `failedEvent`, as JSON, which has to be searched for secrets before the event goes out.
    public var failedText: String?
    /// The errors within `bytes`, as JSON, which have to be searched for secrets before they go out.
    public var errorTexts: [String]
    /// After a fault the relay produces no bytes, and every further output has the same fault.
    public var fault: RelayError?

    /// An output, by default without a fault.
    public init(
        bytes: ByteBuffer, failedEvent: ByteBuffer? = nil, failedText: String? = nil, errorTexts: [String] = [],
        fault: RelayError? = nil
    ) {
        self.bytes = bytes
        self.errorTexts = errorTexts
        self.failedEvent = failedEvent
        self.failedText = failedText
        self.fault = fault
    }
}
