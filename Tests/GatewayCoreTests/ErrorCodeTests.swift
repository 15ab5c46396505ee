import GatewayCore
import Testing

/// The table of docs/api.md, Errors: the official SDKs choose their exception by the status.
@Suite struct ErrorCodeTests {
    static let statuses: [String: Int] = [
        "invalid_json": 400, "invalid_request": 400, "unsupported_parameter": 400, "cost_not_bounded": 400,
        "capability_not_supported": 400, "invalid_tags": 400,
        "missing_api_key": 401, "invalid_api_key": 401, "api_key_revoked": 401, "api_key_expired": 401,
        "model_not_allowed": 403, "owner_inactive": 403,
        "model_not_found": 404, "not_found": 404, "method_not_allowed": 405, "request_timeout": 408,
        "request_too_large": 413, "unsupported_media_type": 415, "upgrade_required": 426,
        "headers_too_large": 431,
        "budget_exceeded": 429, "rate_limited": 429, "upstream_rate_limited": 429,
        "internal_error": 500, "not_implemented": 501,
        "upstream_error": 502, "upstream_rejected_credentials": 502, "upstream_unreachable": 502,
        "upstream_stream_truncated": 502,
        "no_route_available": 503, "not_ready": 503, "overloaded": 503, "server_shutting_down": 503,
        "upstream_timeout": 504,
    ]

    static let types: [Int: String] = [
        400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
        405: "invalid_request_error", 408: "invalid_request_error", 413: "invalid_request_error",
        415: "invalid_request_error", 426: "invalid_request_error", 431: "invalid_request_error",
        429: "rate_limit_error", 500: "server_error", 501: "server_error",
        502: "server_error", 503: "server_error", 504: "server_error",
    ]

    @Test(arguments: ErrorCode.allCases) func `Has its status and type`(code: ErrorCode) {
        #expect(Self.statuses[code.rawValue] == code.status)
        let expected = code == .budgetExceeded ? "insufficient_quota" : Self.types[code.status]
        #expect(code.type == expected)
    }

    @Test func `The table is complete`() {
        #expect(Set(ErrorCode.allCases.map(\.rawValue)) == Set(Self.statuses.keys))
    }
}
