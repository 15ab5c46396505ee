/// The closed list of error codes that callers receive, with the HTTP status and the OpenAI error type of each.
///
/// The official SDKs choose their exception class by the status, so the status is part of a code's meaning.
public enum ErrorCode: String, Sendable, CaseIterable {
    case invalidJSON = "invalid_json"
    case invalidRequest = "invalid_request"
    case unsupportedParameter = "unsupported_parameter"
    case costNotBounded = "cost_not_bounded"
    case capabilityNotSupported = "capability_not_supported"
    case invalidTags = "invalid_tags"
    case missingAPIKey = "missing_api_key"
    case invalidAPIKey = "invalid_api_key"
    case apiKeyRevoked = "api_key_revoked"
    case apiKeyExpired = "api_key_expired"
    case modelNotAllowed = "model_not_allowed"
    case ownerInactive = "owner_inactive"
    case modelNotFound = "model_not_found"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case requestTooLarge = "request_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case upgradeRequired = "upgrade_required"
    case headersTooLarge = "headers_too_large"
    case budgetExceeded = "budget_exceeded"
    case rateLimited = "rate_limited"
    case upstreamRateLimited = "upstream_rate_limited"
    case notImplemented = "not_implemented"
    case internalError = "internal_error"
    case upstreamError = "upstream_error"
    case upstreamRejectedCredentials = "upstream_rejected_credentials"
    case upstreamUnreachable = "upstream_unreachable"
    case upstreamStreamTruncated = "upstream_stream_truncated"
    case noRouteAvailable = "no_route_available"
    case notReady = "not_ready"
    case overloaded
    case serverShuttingDown = "server_shutting_down"
    case upstreamTimeout = "upstream_timeout"

    /// The HTTP status of an answer with this code.
    public var status: Int {
        switch self {
        case .invalidJSON, .invalidRequest, .unsupportedParameter, .costNotBounded, .capabilityNotSupported,
            .invalidTags:
            400
        case .missingAPIKey, .invalidAPIKey, .apiKeyRevoked, .apiKeyExpired: 401
        case .modelNotAllowed, .ownerInactive: 403
        case .modelNotFound, .notFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .requestTooLarge: 413
        case .unsupportedMediaType: 415
        case .upgradeRequired: 426
        case .headersTooLarge: 431
        case .budgetExceeded, .rateLimited, .upstreamRateLimited: 429
        case .internalError: 500
        case .notImplemented: 501
        case .upstreamError, .upstreamRejectedCredentials, .upstreamUnreachable, .upstreamStreamTruncated: 502
        case .noRouteAvailable, .notReady, .overloaded, .serverShuttingDown: 503
        case .upstreamTimeout: 504
        }
    }

    /// OpenAI's coarse `type` for this code (https://platform.openai.com/docs/guides/error-codes).
    public var type: String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 429: self == .budgetExceeded ? "insufficient_quota" : "rate_limit_error"
        case 400..<500: "invalid_request_error"
        default: "server_error"
        }
    }
}
