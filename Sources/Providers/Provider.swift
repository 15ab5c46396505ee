public import Egress
public import GatewayCore
public import NIOCore
public import WireFormats

/// An adapter to one kind of upstream: what it can do, the pure translation of a request into a call, and how its
/// response is read.
///
/// It does no I/O itself; `ProviderCall.start` does.
public protocol Provider: Sendable {
    /// As in `gateway.yaml`; not secret.
    var id: String { get }
    /// Whether it can be called, and for what.
    var availability: ProviderAvailability { get }
    var timeouts: ProviderTimeouts { get }
    /// Whether an answer is read to its end when its caller has gone, to learn the usage.
    var drainsAfterDisconnect: Bool { get }
    /// Where its credential comes from.
    var credentials: any CredentialSource { get }
    /// What it is sent beside the credential and may be shown to no one else; taken out of its error messages.
    var secrets: [Secret] { get }
    /// Puts one attempt into the provider's terms.
    /// - Parameter credential: from `credentials`.
    /// - Throws: an error that says why the provider cannot be asked this: a field of the request that has no
    ///   counterpart is `unsupported_parameter`. Nothing was sent, so the error's `retry` is about other routes only.
    func prepare(
        _ attempt: AttemptRequest, credential: BoundCredential?
    ) throws(GatewayError) -> PreparedAttempt
}

/// What an adapter needs to know of an attempt.
public struct AttemptRequest: Sendable {
    /// The caller's body, as it came.
    public let body: ByteBuffer
    public let request: APIRequest
    public let upstreamModel: String
    /// What the route changes.
    public let adjustments: RouteAdjustments
    /// The caller's headers for the provider, in lower case; the provider's and the route's own take precedence.
    public let headers: [(name: String, value: String)]

    public init(
        body: ByteBuffer, request: APIRequest, upstreamModel: String, adjustments: RouteAdjustments = .none,
        headers: [(name: String, value: String)] = []
    ) {
        self.headers = headers
        self.body = body
        self.request = request
        self.upstreamModel = upstreamModel
        self.adjustments = adjustments
    }
}

/// How long to wait for a provider.
public struct ProviderTimeouts: Sendable, Hashable {
    public var connect: TimeAmount
    /// For the head of a non-streaming response: such a head comes when the complete response is ready.
    public var head: TimeAmount
    public var streamHead: TimeAmount
    /// From the request to the first content of a stream, whatever keeps it alive until then; nil for no limit.
    public var firstContent: TimeAmount?
    /// Between two parts of a body. Reasoning models are silent for minutes, and clients wait for 300 s themselves.
    public var idle: TimeAmount
    /// For the whole attempt; nil for no limit, since a long stream is not a fault.
    public var total: TimeAmount?

    public init(
        connect: TimeAmount = .seconds(5), head: TimeAmount = .seconds(600), streamHead: TimeAmount = .seconds(300),
        idle: TimeAmount = .seconds(300), total: TimeAmount? = nil, firstContent: TimeAmount? = nil
    ) {
        self.firstContent = firstContent
        self.connect = connect
        self.head = head
        self.streamHead = streamHead
        self.idle = idle
        self.total = total
    }
}
