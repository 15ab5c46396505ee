import GatewayCore

extension GatewayError {
    /// Whether the request of one caller may have caused it, by its size or by what a server makes of it.
    var mayBeOfOneCaller: Bool {
        switch code {
        case .upstreamUnreachable, .upstreamRejectedCredentials: false
        default: !isLasting
        }
    }
}

extension RouteHealth.Outcome {
    /// What an attempt that ended with `error` says about its route (docs/model-routing.md, Cooldown).
    init(of error: GatewayError, status: Int?) {
        switch error.code {
        case .upstreamRateLimited:
            // Clamped before the multiplication, because the provider chose the number.
            let longest = Int(RouteHealth.maxCooldown / 1000)
            self = .limited(error.retryAfterMilliseconds.map { Int64(min($0, longest)) * 1000 })
        // It refused what the gateway had added.
        case _ where error.retry == .unadorned: self = .unknown
        // The provider lacks the model or the operation: this single request may be the cause, so other requests must
        // not lose the route.
        case .upstreamError where [404, 405, 501, 505].contains(status): self = .unknown
        case .upstreamError, .upstreamRejectedCredentials, .upstreamUnreachable, .upstreamStreamTruncated,
            .upstreamTimeout:
            self = .failed
        // The provider's error about the request itself.
        case .invalidRequest, .requestTooLarge: self = .healthy
        default: self = .unknown
        }
    }
}
