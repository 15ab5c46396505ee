/// The one error of a request: what the caller may read, and, apart from it, what only the operator's log may say.
public struct GatewayError: Error, Sendable, Equatable {
    /// Whose doing it was, for logs and metrics.
    public enum Source: String, Sendable {
        case client, gateway, upstream, store
    }

    public let code: ErrorCode
    /// Fit for the caller: no upstream body (but the one that data-plane.md allows), SQL, path or secret.
    public let message: String
    /// The request field or header that is at fault, if one is.
    public let param: String?
    /// For the log line only; never sent to a caller.
    public let cause: String?
    public let source: Source
    /// Whether another attempt, here or on another route, may be made (data-plane.md, Execution).
    public let isRetrySafe: Bool
    /// Seconds after which a new try makes sense; sent as `retry-after`.
    public let retryAfterSeconds: Int?

    public init(
        _ code: ErrorCode, _ message: String, param: String? = nil, cause: String? = nil, source: Source,
        isRetrySafe: Bool = false, retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.param = param
        self.cause = cause
        self.source = source
        self.isRetrySafe = isRetrySafe
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// An error of the caller's making.
    public static func client(_ code: ErrorCode, _ message: String, param: String? = nil) -> GatewayError {
        GatewayError(code, message, param: param, source: .client)
    }
}
