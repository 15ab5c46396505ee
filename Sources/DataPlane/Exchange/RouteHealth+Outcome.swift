import GatewayCore

extension RouteHealth.Outcome {
    /// What an attempt that ended with `error` says about its route (docs/model-routing.md, Cooldown).
    init(of error: GatewayError, status: Int?) {
        switch error.code {
        case .upstreamRateLimited:
            // Clamped before it is multiplied: the number is the provider's.
            let longest = Int(RouteHealth.maxCooldown / 1_000_000)
            self = .limited(error.retryAfterSeconds.map { Int64(min($0, longest)) * 1_000_000 })
        // It has no such model, or does not do such a thing at all: that may be the fault of this one request, and must not cost others
        // their route.
        case .upstreamError where [404, 405, 501, 505].contains(status): self = .unknown
        case .upstreamError, .upstreamRejectedCredentials, .upstreamUnreachable, .upstreamStreamTruncated,
            .upstreamTimeout:
            self = .failed
        // The provider's complaint about the request itself.
        case .invalidRequest, .requestTooLarge: self = .healthy
        default: self = .unknown
        }
    }
}
