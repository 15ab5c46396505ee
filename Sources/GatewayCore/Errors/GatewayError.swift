/// The error of a request: a message for the caller and, separately, a cause for the operator's log.
public struct GatewayError: Error, Sendable, Equatable {
    /// The origin of the error, for logs and metrics.
    public enum Source: String, Sendable {
        case client, gateway, upstream, store
    }

    /// Whether an attempt that failed like this may be followed by another (docs/model-routing.md, Attempts).
    public enum Retry: Sendable, Hashable {
        /// The provider may have answered and billed the attempt, or every route would fail likewise.
        case never
        /// Another route may succeed; this one will not.
        case elsewhere
        /// This route may succeed too, later.
        case anywhere
    }

    public let code: ErrorCode
    /// For the caller: without SQL, paths, secrets, and upstream bodies except what docs/api.md allows.
    public let message: String
    /// The request field or header that caused the error; nil if none did.
    public let param: String?
    /// For the log line only; never sent to a caller.
    public let cause: String?
    public let source: Source
    /// Whether another attempt may be made.
    public let retry: Retry
    /// Seconds after which a retry makes sense; sent as `retry-after`.
    public let retryAfterSeconds: Int?

    public init(
        _ code: ErrorCode, _ message: String, param: String? = nil, cause: String? = nil, source: Source,
        retry: Retry = .never, retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.param = param
        self.cause = cause
        self.source = source
        self.retry = retry
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// An error that the caller caused.
    public static func client(_ code: ErrorCode, _ message: String, param: String? = nil) -> GatewayError {
        GatewayError(code, message, param: param, source: .client)
    }
}
