import GatewayCore

extension RouteHealth.Outcome {
    /// What an attempt that ended with `error` says about its route (data-plane.md, Execution).
    init(of error: GatewayError) {
        switch error.code {
        case .upstreamRateLimited: self = .limited(error.retryAfterSeconds.map { Int64($0) * 1_000_000 })
        case .upstreamError, .upstreamRejectedCredentials, .upstreamUnreachable, .upstreamStreamTruncated,
            .upstreamTimeout:
            self = .failed
        // The provider's complaint about the request itself.
        case .invalidRequest, .requestTooLarge: self = .healthy
        default: self = .unknown
        }
    }
}
