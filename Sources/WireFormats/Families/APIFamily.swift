public import GatewayCore
public import NIOCore

/// A family of the API: everything that depends on the shape of its requests, responses and errors.
///
/// The type is the family. A value has the facts of one request that only this family needs; it has at most three
/// words, so that an `APIRequest` stores it inline.
public protocol APIFamily: Sendable {
    /// Which one.
    static var operation: APIOperation { get }

    /// Its endpoint: under `/v1` of the gateway, and under the base URL of a provider of the same family.
    static var path: String { get }

    /// The keep-alive of a silent stream, which is not an event of the answer.
    static var keepAlive: StaticString { get }

    /// The caller's headers that a provider of the same family gets.
    static var requestHeaders: HeaderList { get }

    /// The headers of a provider of the same family that the caller gets, with a successful answer.
    static var responseHeaders: HeaderList { get }

    /// Reads a request's body, once, from front to back.
    ///
    /// All errors are the caller's: `invalid_json` with the byte offset for invalid JSON, and for a duplicate key of
    /// which the upstream might read the other value; otherwise `invalid_request`, where `param` names the field.
    static func scan(_ body: ByteBuffer) throws(GatewayError) -> APIRequest

    /// The body of an error. It does not depend on the request, because most errors occur before the request is read.
    static func errorBody(_ error: GatewayError, requestID: String) -> ByteBuffer

    /// `error` as the last event of a stream, which the family's SDKs raise on.
    /// - Parameter sequenceNumber: the number of the event, in a family that numbers its events.
    static func errorEvent(_ error: GatewayError, requestID: String, sequenceNumber: Int64) -> ByteBuffer

    /// The body for a provider of the same family: the caller's body with the upstream's name of the model and the
    /// changes of the route and the gateway. All other bytes stay as the caller wrote them.
    /// - Parameter body: the scanned body.
    func body(
        _ body: ByteBuffer, of facts: RequestFacts, model: String, adjustments: RouteAdjustments
    ) -> [ByteBuffer]

    /// Whether the gateway itself adds a request for the usage to this body, in a field that the caller did not send.
    func addsUsageRequest(_ facts: RequestFacts, _ adjustments: RouteAdjustments) -> Bool

    /// The relay for the answer of a provider of this family.
    func makeRelay(for facts: RequestFacts) -> any AnswerRelay
}

extension APIFamily {
    /// None.
    public static var requestHeaders: HeaderList { .none }

    /// None.
    public static var responseHeaders: HeaderList { .none }

    /// False: most families report their usage unasked.
    public func addsUsageRequest(_ facts: RequestFacts, _ adjustments: RouteAdjustments) -> Bool { false }
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
