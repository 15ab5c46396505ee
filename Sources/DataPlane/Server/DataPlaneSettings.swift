public import Egress
public import GatewayCore
public import NIOCore
public import Providers
public import Telemetry

/// The limits and addresses of the data plane. The defaults are those of docs/configuration-reference.md.
public struct DataPlaneSettings: Sendable {
    public var host = "0.0.0.0"
    public var port = 8080
    /// Nil where TLS ends before the gateway.
    public var tls: ServerTLS?
    /// Over all event loops. At the limit a connection without a request gives way to a new one.
    public var maxConnections = 10_000
    /// Over all event loops: the bytes of heads that are not complete. Beyond it the oldest such connections are
    /// closed.
    public var maxIncompleteHeadBytes = 16 * 1024 * 1024
    public var maxRequestBodyBytes = 32 * 1024 * 1024
    /// Over all event loops; more get 503 `overloaded`.
    public var maxConcurrentRequests = 1024
    /// Over all requests; more get 503 `overloaded`.
    public var maxBufferedBodyBytes = 512 * 1024 * 1024
    /// How long the listener stays open after a stop was asked for, so that load balancers notice.
    public var shutdownDelay = Duration.seconds(5)
    /// How long requests in flight may go on after that.
    public var shutdownGrace = Duration.seconds(30)
    /// For a request, all of its attempts included.
    public var requestDeadline = TimeAmount.seconds(600)
    public var attempts = AttemptSequence.Limits()
    /// Whether an attempt that timed out may be followed by another: it may be billed twice.
    public var repeatsAfterTimeout = false
    /// The id of this run of the gateway, for the ledger.
    public var replicaID = ""
    /// The output tokens that a hold covers for a request without a limit.
    public var defaultOutputHoldTokens: Int64 = 4096
    public var logFormat = LogFormat.pretty
    /// From the first byte of a request to the end of its headers.
    public var headerTimeout = TimeAmount.seconds(10)
    /// Between two parts of a request's body.
    public var bodyTimeout = TimeAmount.seconds(30)
    /// The whole body of a request.
    public var wholeBodyTimeout = TimeAmount.seconds(120)
    /// A connection without a request.
    public var idleTimeout = TimeAmount.seconds(75)
    /// A client that reads nothing of its answer.
    public var stallTimeout = TimeAmount.seconds(300)
    /// The same where other clients find no place: without a request, such a client gives way to them.
    public var crowdedStallTimeout = TimeAmount.seconds(5)
    /// For what the database has to answer: a key that is not cached, a stored response, an admission.
    public var lookupTimeout = TimeAmount.seconds(5)
    /// Silence in a stream after which a comment shows that it is alive.
    public var keepAliveInterval = TimeAmount.seconds(15)
    /// How long the beginning of a stream is held back while another attempt could take its place.
    public var streamBufferTimeout = TimeAmount.seconds(10)
    /// How long the rest of a refused request is swallowed, so that the client gets to read why.
    public var lingerTimeout = TimeAmount.seconds(2)

    /// Which web pages may call the gateway from a browser.
    public var crossOrigin = CrossOriginPolicy.none
    /// Where `/api` and `/admin` are served; nil if there is no control plane.
    public var controlPlane: UpstreamOrigin?
    /// How long the control plane may take; it has no limit for a whole request.
    public var controlPlaneTimeouts = ProviderTimeouts()
    /// Over all event loops; more get 503 `overloaded`. Apart from `maxConcurrentRequests`, since they need no key:
    /// they must not take the places of callers.
    public var maxControlPlaneRequests = 256

    public init() {}
}
