public import GatewayCore
public import NIOCore

/// Relays an answer to the client, in parts of any size, and extracts its usage, errors and end.
///
/// It belongs to one attempt. A relay is a value in one existential, so that it changes in place and never copies its
/// buffers.
public protocol AnswerRelay: Sendable {
    /// The usage that the upstream has reported so far.
    var usage: TokenUsage? { get }

    /// The id of a stored response, once it has arrived.
    var responseID: String? { get }

    /// Whether the answer is complete, by its family's own rule, even if the upstream's body has not ended.
    var isComplete: Bool { get }

    /// Whether the caller has asked for the usage of a stream and it has not arrived.
    var lacksRequestedUsage: Bool { get }

    /// The bytes of generated content that have come: what the output is estimated by if the provider reports no usage.
    var outputBytes: Int64 { get }

    /// Whether the answer has produced output, after which another attempt would give a different answer.
    var hasContent: Bool { get }

    /// Whether the end of the answer is known, so that the gateway need not wait: its last event has arrived, or an
    /// error.
    var isDone: Bool { get }

    /// Returns the bytes to send for `part`: `part` itself if nothing changes. A stream is sent in complete events, so
    /// that a comment may follow them. After a fault, every further output has no bytes and the same fault.
    mutating func receive(_ part: ByteBuffer) -> RelayOutput

    /// Marks the end of the upstream's body; returns the remaining bytes, or why the answer is incomplete.
    mutating func finish() -> RelayOutput

    /// `error` as the last event of the answer, which its family's SDKs raise on; nil if the answer is not a stream.
    func lastEvent(_ error: GatewayError, requestID: String) -> ByteBuffer?
}

/// How far an answer has come.
public struct RelayState: Sendable, Hashable {
    public var hasContent = false
    public var isComplete = false
    public var isDone = false

    /// Nothing has come.
    public init() {}
}

extension AnswerRelay {
    /// All of it at once: each look into a relay behind its existential copies the relay.
    public var state: RelayState {
        var state = RelayState()
        state.hasContent = hasContent
        state.isComplete = isComplete
        state.isDone = isDone
        return state
    }

    /// False: most answers have their usage in their last part.
    public var lacksRequestedUsage: Bool { false }
}
