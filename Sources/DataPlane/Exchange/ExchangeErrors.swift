import GatewayCore

extension GatewayError {
    static let storeTooSlow = GatewayError(
        .notReady, "The gateway cannot check API keys at the moment. Try again shortly.",
        cause: "the database did not answer a key look-up in time", source: .store, isRetrySafe: true)

    static func storeUnreachable(_ cause: String) -> GatewayError {
        GatewayError(
            .notReady, "The gateway cannot check API keys at the moment. Try again shortly.", cause: cause,
            source: .store,
            isRetrySafe: true)
    }

    static let stale = GatewayError(
        .notReady, "The gateway has not reached its database for too long. Try again later.",
        cause: "nothing was heard from the database for auth.max_staleness_seconds", source: .store, isRetrySafe: true)

    static let overloaded = GatewayError(
        .overloaded, "The gateway is handling as many requests as it can. Try again shortly.", source: .gateway,
        isRetrySafe: true, retryAfterSeconds: 1)

    static let bodyTooSlow = GatewayError.client(
        .requestTimeout, "The rest of the request body did not come in time.")

    static let upstreamTooSlow = GatewayError(
        .upstreamTimeout, "The provider took too long to answer.", cause: "the provider's time limit passed",
        source: .upstream)

    static let shuttingDown = GatewayError(
        .serverShuttingDown, "The gateway is shutting down. Try again.", source: .gateway, isRetrySafe: true)
}

extension EndReason {
    /// How a request that ended with `error` ended.
    init(of error: GatewayError) {
        switch (error.code, error.source) {
        case (.upstreamTimeout, _): self = .timeout
        case (.upstreamStreamTruncated, _): self = .upstreamTruncated
        case (.serverShuttingDown, _): self = .shutdown
        case (.upstreamError, _), (.upstreamRateLimited, _), (.upstreamRejectedCredentials, _),
            (.upstreamUnreachable, _),
            (_, .upstream):
            self = .upstreamError
        default: self = .refused
        }
    }
}
