public import GatewayCore
public import NIOCore
public import WireFormats

/// An answer on its way to the client, whole or streamed, whatever family it is of.
///
/// Two optionals instead of an enum, so that the one at hand is changed in place and its buffers are never copied.
public struct AnswerRelay: Sendable {
    private var json: ChatAnswerRelay?
    private var stream: ChatStreamRelay?

    /// The relay for the answer to `chat`.
    public init(for chat: ChatRequest) {
        if chat.stream {
            stream = ChatStreamRelay(clientModel: chat.model, clientWantsUsage: chat.includeUsage)
        } else {
            json = ChatAnswerRelay(clientModel: chat.model)
        }
    }

    /// What the upstream reported so far.
    public var usage: TokenUsage? { stream?.usage ?? json?.usage }

    /// Whether the answer has brought everything, by its family's own rule, even if the upstream has not said goodbye.
    public var isComplete: Bool { stream?.isComplete ?? json?.isComplete ?? false }

    /// Whether the answer has brought something that another attempt would bring otherwise. A whole answer always has.
    public var hasContent: Bool { stream?.hasContent ?? true }

    /// Whether the stream's last event has come, after which nothing counts.
    public var isDone: Bool { stream?.isDone ?? false }

    /// What to send on for `part`, and the fault that ends the relay, if one does.
    public mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        stream?.receive(part) ?? json?.receive(part) ?? RelayOutput(bytes: part)
    }

    /// The upstream's body has ended: what is still to be sent, or why the answer is not whole.
    public mutating func finish() -> RelayOutput {
        switch stream?.finish() {
        case .complete(let rest): return RelayOutput(bytes: rest)
        case .truncated: return RelayOutput(bytes: ByteBuffer(), fault: .truncated)
        case nil: break
        }
        do throws(RelayFault) {
            try json?.finish()
            return RelayOutput(bytes: ByteBuffer())
        } catch {
            return RelayOutput(bytes: ByteBuffer(), fault: error)
        }
    }
}
