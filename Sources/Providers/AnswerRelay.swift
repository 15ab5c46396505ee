public import NIOCore
public import WireFormats
public import GatewayCore

/// The answer on its way to the client: whole JSON, or a stream of events.
public enum AnswerRelay: Sendable {
    case json(ChatAnswerRelay)
    case stream(ChatStreamRelay)
}
