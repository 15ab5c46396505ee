public import GatewayCore
public import NIOCore

/// An answer on its way to the client, in parts of any size: what is sent on for each, and what is learnt from it.
///
/// It belongs to one attempt. Relays are values in one existential, so that they are changed in place and their buffers are never copied.
public protocol AnswerRelay: Sendable {
    /// What the upstream reported so far.
    var usage: TokenUsage? { get }

    /// The id of a kept response, once it has come.
    var responseID: String? { get }

    /// Whether the answer has brought everything, by its family's own rule, even if the upstream's body has not ended.
    var isComplete: Bool { get }

    /// Whether the answer has brought something that another attempt would bring otherwise.
    var hasContent: Bool { get }

    /// Whether how the answer ends is known, so that nothing is to be waited for: its last event has come, or an error.
    var isDone: Bool { get }

    /// What to send on for `part`: `part` itself if nothing changes. Of a stream only whole events are sent on, so that a comment may
    /// follow them. Once there is a fault, nothing more comes but the fault.
    mutating func receive(_ part: ByteBuffer) -> RelayOutput

    /// The upstream's body has ended: what is still to be sent, or why the answer is not complete.
    mutating func finish() -> RelayOutput

    /// `error` as the last event of the answer, which its family's SDKs raise on; nil if the answer is not a stream.
    func lastEvent(_ error: GatewayError, requestID: String) -> ByteBuffer?
}
