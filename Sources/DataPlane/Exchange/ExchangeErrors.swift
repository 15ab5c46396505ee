import GatewayCore

extension GatewayError {
    /// The gateway's own fault; `cause` is for the log.
    static func internalError(_ cause: String) -> GatewayError {
        GatewayError(.internalError, "The gateway failed.", cause: cause, source: .gateway)
    }

    static let storeTooSlow = storeUnreachable("the database did not answer a look-up in time")

    static func storeUnreachable(_ cause: String) -> GatewayError {
        GatewayError(
            .notReady, "The gateway cannot reach its database at the moment. Try again shortly.", cause: cause,
            source: .store)
    }

    static let stale = GatewayError(
        .notReady, "The gateway has not reached its database for too long. Try again later.",
        cause: "nothing was heard from the database for auth.max_staleness_seconds", source: .store)

    static let overloaded = GatewayError(
        .overloaded, "The gateway is handling as many requests as it can. Try again shortly.", source: .gateway,
        retryAfterSeconds: 1)

    static let bodyTooSlow = GatewayError.client(
        .requestTimeout, "The rest of the request body did not come in time.")

    /// - Parameter isRepeated: `routing.retry_after_timeout`: it may be billed twice.
    static func upstreamTooSlow(isRepeated: Bool) -> GatewayError {
        GatewayError(
            .upstreamTimeout, "The provider took too long to answer.", cause: "the provider's time limit passed",
            source: .upstream, retry: isRepeated ? .anywhere : .never)
    }

    /// Nothing was sent, so another route can be tried without a risk.
    static func credentialTooSlow(retry: Retry) -> GatewayError {
        GatewayError(
            .upstreamTimeout, "The provider took too long to answer.",
            cause: "the provider's credential did not arrive in time", source: .upstream, retry: retry)
    }

    static let shuttingDown = GatewayError(
        .serverShuttingDown, "The gateway is shutting down. Try again.", source: .gateway)
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
