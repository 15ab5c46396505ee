public import GatewayCore
public import NIOCore

/// A family of the API: everything that depends on the shape of its requests, responses and errors.
///
/// The type is the family. A value is what the family alone needs to know of one request; it has at most three words, so that an
/// `APIRequest` stores it inline.
public protocol APIFamily: Sendable {
    /// Which one.
    static var operation: APIOperation { get }

    /// Its endpoint: under `/v1` here, and under the base URL of a provider that speaks the family itself.
    static var path: String { get }

    /// What is sent in a stream that has been silent, and is not an event of the answer.
    static var keepAlive: StaticString { get }

    /// Reads a request's body, once, from front to back.
    ///
    /// Every error is the caller's: `invalid_json` with the byte offset for what is not JSON, and for a key that comes twice where the
    /// upstream might read another one than the gateway; otherwise `invalid_request` with `param` naming the field.
    static func scan(_ body: ByteBuffer) throws(GatewayError) -> APIRequest

    /// The body of an error response. It depends on nothing in a request, since most errors come before one is read.
    static func errorBody(_ error: GatewayError, requestID: String) -> ByteBuffer

    /// `error` as the last event of a stream, which the family's SDKs raise on.
    /// - Parameter sequenceNumber: of the event, in a family that numbers its events.
    static func errorEvent(_ error: GatewayError, requestID: String, sequenceNumber: Int64) -> ByteBuffer

    /// The body for a provider that speaks the family itself: the caller's, with the upstream's name of the model and what the
    /// route and the gateway change. Every byte that need not change stays as the caller wrote it.
    /// - Parameter body: the one that was scanned.
    func body(
        _ body: ByteBuffer, of facts: RequestFacts, model: String, adjustments: RouteAdjustments
    ) -> [ByteBuffer]

    /// The relay for the answer of such a provider.
    func makeRelay(for facts: RequestFacts) -> any AnswerRelay
}

extension APIOperation {
    /// The operation's family. This is the only place that lists them.
    public var family: any APIFamily.Type {
        switch self {
        case .chat: ChatFamily.self
        case .responses: ResponsesFamily.self
        case .embeddings: EmbeddingsFamily.self
        }
    }
}
