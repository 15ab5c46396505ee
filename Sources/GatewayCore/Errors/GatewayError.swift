/// The one error of a request: what the caller may read, and, apart from it, what only the operator's log may say.
public struct GatewayError: Error, Sendable, Equatable {
    /// Whose doing it was, for logs and metrics.
    public enum Source: String, Sendable {
        case client, gateway, upstream, store
    }

    /// Whether an attempt that failed like this may be followed by another (docs/model-routing.md, Attempts).
    public enum Retry: Sendable, Hashable {
        /// It may have been answered, and billed; or every route would say the same.
        case never
        /// Another route may do better; this one will not.
        case elsewhere
        /// This route may do better too, later.
        case anywhere
    }

    public let code: ErrorCode
    /// Fit for the caller: no upstream body (but what docs/api.md allows), SQL, path or secret.
    public let message: String
    /// The request field or header that is at fault, if one is.
    public let param: String?
    /// For the log line only; never sent to a caller.
    public let cause: String?
    public let source: Source
    /// Whether another attempt may be made.
    public let retry: Retry
    /// Seconds after which a new try makes sense; sent as `retry-after`.
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

    /// An error of the caller's making.
    public static func client(_ code: ErrorCode, _ message: String, param: String? = nil) -> GatewayError {
        GatewayError(code, message, param: param, source: .client)
    }
}
