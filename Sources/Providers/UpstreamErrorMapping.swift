public import Egress
public import GatewayCore
public import WireFormats

/// What an upstream's failure means for the caller.
///
/// The rules are those of docs/api.md: what is wrong with the caller's own request is passed on with the upstream's words;
/// everything else is the gateway operator's business and says no more than whose fault it was.
public enum UpstreamErrorMapping {
    /// The error for an answer with a status other than 2xx.
    /// - Parameters:
    ///   - report: the upstream's own words, as they may be told.
    ///   - retryAfterSeconds: from the upstream's `retry-after`.
    public static func status(
        _ status: Int, provider: String, report: UpstreamErrorBody, retryAfterSeconds: Int?
    ) -> GatewayError {
        let isAboutRequest = status == 400 || status == 422 || (status == 404 && report.isAboutInput)
        // What is said of an invalid request often quotes it, and prompts do not belong in the log.
        let words = isAboutRequest || status == 413 ? report.code : report.message
        let cause = "\(provider) answered \(status)" + (words.map { ": \($0)" } ?? "")
        func error(_ code: ErrorCode, _ text: String) -> GatewayError {
            GatewayError(
                code, text, cause: cause, source: .upstream, retry: retry(after: status),
                retryAfterSeconds: retryAfterSeconds)
        }
        if isAboutRequest { return aboutRequest(report, cause: cause, source: .client) }
        switch status {
        case 401, 403:
            return error(
                .upstreamRejectedCredentials,
                "The provider `\(provider)` rejected the gateway's credentials. This is for the gateway's operator to mend."
            )
        case 413:
            return GatewayError(
                .requestTooLarge, "The request is too large for the provider.", cause: cause, source: .client)
        case 429:
            return error(
                .upstreamRateLimited, "The provider `\(provider)` is limiting the gateway's requests. Try again later.")
        case 408, 504:
            return error(.upstreamTimeout, "The provider `\(provider)` took too long.")
        default:
            return error(.upstreamError, "The provider `\(provider)` failed with status \(status).")
        }
    }

    /// The error for an answer that began well and has an error in it.
    /// - Parameters:
    ///   - report: the upstream's own words, as they may be told.
    ///   - retry: what can be done about it if it is none of the caller's.
    public static func reported(
        _ report: UpstreamErrorBody, provider: String, retry: GatewayError.Retry
    ) -> GatewayError {
        func cause(_ words: String?) -> String {
            "\(provider) reported an error within its answer" + (words.map { ": \($0)" } ?? "")
        }
        switch report.category {
        case .request:
            return aboutRequest(report, cause: cause(report.code ?? report.type), source: .upstream)
        case .limit:
            return GatewayError(
                .upstreamRateLimited, "The provider `\(provider)` is limiting the gateway's requests. Try again later.",
                cause: cause(report.message), source: .upstream, retry: retry)
        case .other:
            return GatewayError(
                .upstreamError, "The provider `\(provider)` reported an error within its answer.",
                cause: cause(report.message), source: .upstream, retry: retry)
        }
    }

    private static func aboutRequest(
        _ report: UpstreamErrorBody, cause: String, source: GatewayError.Source
    ) -> GatewayError {
        GatewayError(
            .invalidRequest, report.message ?? "The provider refused the request as invalid.", param: report.param,
            cause: cause, source: source)
    }

    /// The error for a call that ended without an answer.
    public static func failure(_ failure: UpstreamFailure, provider: String) -> GatewayError {
        switch failure.kind {
        case .unreachable, .tls:
            GatewayError(
                .upstreamUnreachable, "The provider `\(provider)` cannot be reached.", cause: failure.reason,
                source: .upstream, retry: failure.kind == .tls ? .elsewhere : .anywhere)
        case .noAnswer, .invalidAnswer, .cut:
            GatewayError(
                .upstreamError, "The provider `\(provider)` broke off without a complete answer.",
                cause: failure.reason,
                source: .upstream)
        }
    }

    /// Whatever is not about the request itself may well be different elsewhere (docs/model-routing.md, Attempts).
    private static func retry(after status: Int) -> GatewayError.Retry {
        switch status {
        case 400, 413, 422: .never
        // What the server does not do at all it does not do a moment later.
        case 501, 505: .elsewhere
        case 408, 429, 500...: .anywhere
        default: .elsewhere
        }
    }
}
