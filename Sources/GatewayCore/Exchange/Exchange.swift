/// The record of a request. Ledger, request log, metrics and trace are views of it, so that they cannot disagree.
///
/// Times are microseconds since 1970 UTC (`receivedAt`) or microseconds since the request was received (all others).
public struct Exchange: Sendable {
    /// The accounting identity. The gateway makes it, so that a caller cannot avoid a budget or a charge by repeating
    /// an id.
    public let id: String
    /// The caller's `x-request-id`, or one made by the gateway: for correlation only.
    public let requestID: String
    public let receivedAt: Int64
    public let method: String
    public let path: String

    /// Nil until the key is found.
    public var caller: Caller?
    /// The operation of a request to a model; nil for other requests.
    public var operation: APIOperation?
    /// What the caller's software says about itself.
    public var client = ClientFacts()
    /// The caller's labels of the request.
    public var tags = RequestTags()
    public var requestedModel: String?
    public var resolvedModel: String?
    public var isStream = false
    public var plan: RoutePlan?
    public var attempts: [Attempt] = []
    public var stageEnds = StageEnds()
    /// When the first byte of the answer was sent to the client.
    public var firstByteAfter: Int64?
    public var endedAfter: Int64?
    /// The status that was sent to the client; nil if the client disconnected before.
    public var status: Int?
    public var usage: TokenUsage?
    public var endReason: EndReason?
    public var error: GatewayError?

    public init(id: String, requestID: String, receivedAt: Int64, method: String, path: String) {
        self.id = id
        self.requestID = requestID
        self.receivedAt = receivedAt
        self.method = method
        self.path = path
    }

    /// Records the end of the request.
    /// - Parameters:
    ///   - error: the error that was sent to the caller, or that would have been.
    ///   - elapsed: microseconds since the request was received.
    public mutating func finish(_ reason: EndReason, error: GatewayError?, at elapsed: Int64) {
        usage = attempts.last?.usage
        endReason = reason
        self.error = error
        endedAfter = elapsed
    }
}

/// When the stages before the first attempt ended, in microseconds since the request was received; nil if they were not
/// reached.
public struct StageEnds: Sendable, Hashable {
    /// The key was found and is valid.
    public var authenticate: Int64?
    /// The body was read.
    public var read: Int64?
    /// The model was resolved and its routes were planned.
    public var plan: Int64?

    public init() {}
}

/// How a request ended.
public enum EndReason: String, Sendable, CaseIterable {
    case complete
    /// Refused by the gateway before any provider was called.
    case refused
    case clientCancelled = "client_cancelled"
    case upstreamError = "upstream_error"
    case upstreamTruncated = "upstream_truncated"
    case timeout
    case gatewayCrashed = "gateway_crashed"
    case shutdown
}

/// How an attempt ended.
public enum AttemptOutcome: Sendable, Equatable {
    /// The answer arrived complete.
    case succeeded
    /// The client disconnected before the attempt ended.
    case cancelled
    case failed(GatewayError)

    /// The cause of the failure, for the log; nil for other outcomes.
    public var cause: String? {
        if case .failed(let error) = self { error.cause ?? error.message } else { nil }
    }
}

/// One attempt over one route.
public struct Attempt: Sendable {
    public let provider: String
    public let route: String
    public let upstreamModel: String
    /// Microseconds since the request was received, like all times of an attempt.
    public let startedAfter: Int64
    public var headAfter: Int64?
    public var endedAfter: Int64?
    /// The upstream's status; nil if no answer arrived.
    public var status: Int?
    /// The usage that the provider reported; nil if it reported none.
    public var usage: TokenUsage?
    /// How the attempt ended; nil while it is under way.
    public var outcome: AttemptOutcome?
    /// What it has cost; nil without a ledger, and if the provider was not called.
    public var charge: Charge?

    public init(provider: String, route: String, upstreamModel: String, startedAfter: Int64) {
        self.provider = provider
        self.route = route
        self.upstreamModel = upstreamModel
        self.startedAfter = startedAfter
    }
}
