public import GatewayCore
public import NIOCore
public import WireFormats

/// An answer on its way to the client, whole or streamed, whatever family it is of.
///
/// Optionals instead of an enum, so that the one at hand is changed in place and its buffers are never copied.
public struct AnswerRelay: Sendable {
    private var whole: WholeAnswerRelay?
    private var chat: ChatStreamRelay?
    private var responses: ResponsesStreamRelay?

    /// The relay for the answer to `request`.
    public init(for request: APIRequest) {
        switch request {
        case .chat(let chat) where chat.stream:
            self.chat = ChatStreamRelay(clientModel: chat.model, clientWantsUsage: chat.includeUsage)
        case .responses(let request) where request.stream:
            responses = ResponsesStreamRelay(clientModel: request.model)
        default:
            whole = WholeAnswerRelay(request.operation, clientModel: request.model)
        }
    }

    /// What the upstream reported so far.
    public var usage: TokenUsage? { chat?.usage ?? responses?.usage ?? whole?.usage }

    /// The id of a response, once it has come.
    public var responseID: String? { responses?.responseID ?? whole?.responseID }

    /// Whether the answer has brought everything, by its family's own rule, even if the upstream has not said goodbye.
    public var isComplete: Bool { chat?.isComplete ?? responses?.isComplete ?? whole?.isComplete ?? false }

    /// Whether the answer has brought something that another attempt would bring otherwise. A whole answer always has.
    public var hasContent: Bool { chat?.hasContent ?? responses?.hasContent ?? true }

    /// Whether the stream's last event has come, after which nothing counts.
    public var isDone: Bool { chat?.isDone ?? responses?.isDone ?? false }

    /// What to send on for `part`, and the fault that ends the relay, if one does.
    public mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        chat?.receive(part) ?? responses?.receive(part) ?? whole?.receive(part) ?? RelayOutput(bytes: part)
    }

    /// The upstream's body has ended: what is still to be sent, or why the answer is not whole.
    public mutating func finish() -> RelayOutput {
        switch chat?.finish() ?? responses?.finish() {
        case .complete(let rest): return RelayOutput(bytes: rest)
        case .truncated: return RelayOutput(bytes: ByteBuffer(), fault: .truncated)
        case nil: break
        }
        do throws(RelayFault) {
            try whole?.finish()
            return RelayOutput(bytes: ByteBuffer())
        } catch {
            return RelayOutput(bytes: ByteBuffer(), fault: error)
        }
    }

    /// `error` as the last event of a stream of this family, which its SDKs raise on.
    public func lastEvent(_ error: GatewayError, requestID: String) -> ByteBuffer {
        let envelope = ErrorEnvelope(error, requestID: requestID)
        return responses.map { envelope.responsesFrame(sequenceNumber: $0.nextSequenceNumber) } ?? envelope.sseFrame
    }
}
