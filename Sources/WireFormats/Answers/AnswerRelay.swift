public import GatewayCore
public import NIOCore

/// An answer on its way to the client, whole or streamed, whatever family it is of.
///
/// Optionals instead of an enum, so that the one at hand is changed in place and its buffers are never copied.
public struct AnswerRelay: Sendable {
    private var whole: WholeAnswerRelay?
    private var chat: StreamRelay<ChatStreamReader>?
    private var responses: StreamRelay<ResponsesStreamReader>?

    /// What the upstream is going to answer with.
    public enum Kind: Sendable, Hashable {
        case whole(APIOperation)
        /// A usage chunk is kept from a caller who does not want it.
        case chatStream(wantsUsage: Bool)
        case responsesStream
    }

    /// A relay that tells the caller `clientModel` as the model's name.
    public init(_ kind: Kind, clientModel: String) {
        switch kind {
        case .whole(let operation):
            whole = WholeAnswerRelay(operation, clientModel: clientModel)
        case .chatStream(let wantsUsage):
            chat = StreamRelay(ChatStreamReader(clientWantsUsage: wantsUsage), clientModel: clientModel)
        case .responsesStream:
            responses = StreamRelay(ResponsesStreamReader(), clientModel: clientModel)
        }
    }

    /// The relay for the answer to `request`.
    public init(for request: APIRequest) {
        self.init(Kind(request), clientModel: request.model)
    }

    /// What the upstream reported so far.
    public var usage: TokenUsage? { chat?.reader.usage ?? responses?.reader.usage ?? whole?.usage }

    /// The id of a response, once it has come.
    public var responseID: String? { responses?.reader.responseID ?? whole?.responseID }

    /// Whether the answer has brought everything, by its family's own rule, even if the upstream has not said goodbye.
    public var isComplete: Bool {
        chat?.reader.isComplete ?? responses?.reader.isComplete ?? whole?.isComplete ?? false
    }

    /// Whether the answer has brought something that another attempt would bring otherwise. A whole answer always has.
    public var hasContent: Bool { chat?.reader.hasContent ?? responses?.reader.hasContent ?? true }

    /// Whether how the stream ends is known, so that nothing is to be waited for: its last event has come, or an error.
    public var isDone: Bool {
        chat?.isDone ?? responses.map { $0.isDone || $0.reader.failure != nil } ?? false
    }

    /// What to send on for `part`: `part` itself if nothing changes. Of a stream only whole events are sent on, so that a comment may
    /// follow them. Once there is a fault, nothing more comes but the fault.
    public mutating func receive(_ part: ByteBuffer) -> RelayOutput {
        chat?.receive(part) ?? responses?.receive(part) ?? whole?.receive(part) ?? RelayOutput(bytes: part)
    }

    /// The upstream's body has ended: what is still to be sent, or why the answer is not whole.
    public mutating func finish() -> RelayOutput {
        chat?.finish() ?? responses?.finish() ?? whole?.finish() ?? RelayOutput(bytes: ByteBuffer())
    }

    /// `error` as the last event of a stream of this family, which its SDKs raise on.
    public func lastEvent(_ error: GatewayError, requestID: String) -> ByteBuffer {
        let envelope = ErrorEnvelope(error, requestID: requestID)
        return responses.map { envelope.responsesFrame(sequenceNumber: $0.reader.nextSequenceNumber) }
            ?? envelope.sseFrame
    }
}

extension AnswerRelay.Kind {
    /// The kind of answer that `request` asks for.
    public init(_ request: APIRequest) {
        switch request {
        case .chat(let request) where request.stream: self = .chatStream(wantsUsage: request.includeUsage)
        case .responses(let request) where request.stream: self = .responsesStream
        default: self = .whole(request.operation)
        }
    }
}
