import GatewayCore
import WireFormats

/// Reads errors in OpenAI's terms, which most providers have taken over.
struct OpenAIErrorReader: UpstreamErrorReader {
    /// The provider's id.
    let provider: String

    func error(for response: UpstreamErrorResponse, redact: (String) -> String) -> GatewayError {
        let status = response.status
        let report = UpstreamErrorBody(body: response.body).redacted(by: redact)
        let isAboutRequest = status == 400 || status == 422 || (status == 404 && report.isAboutInput)
        // What is said of an invalid request often quotes it, and prompts do not belong in the log.
        let detail = isAboutRequest || status == 413 ? report.code : report.message
        let cause = "\(provider) answered \(status)" + (detail.map { ": \($0)" } ?? "")
        func error(_ code: ErrorCode, _ text: String) -> GatewayError {
            GatewayError(
                code, text, cause: cause, source: .upstream, retry: Self.retry(after: status),
                retryAfterSeconds: response.retryAfterSeconds)
        }
        if isAboutRequest { return aboutRequest(report, cause: cause, source: .client) }
        switch status {
        case 401, 403:
            return error(
                .upstreamRejectedCredentials,
                "The provider `\(provider)` rejected the gateway's credentials. This is for the gateway's operator to fix."
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

    func error(reported body: UpstreamErrorBody, redact: (String) -> String) -> GatewayError {
        let report = body.redacted(by: redact)
        func cause(_ detail: String?) -> String {
            "\(provider) reported an error within its answer" + (detail.map { ": \($0)" } ?? "")
        }
        switch report.category {
        case .request:
            return aboutRequest(report, cause: cause(report.code ?? report.type), source: .upstream)
        case .limit:
            return GatewayError(
                .upstreamRateLimited, "The provider `\(provider)` is limiting the gateway's requests. Try again later.",
                cause: cause(report.message), source: .upstream, retry: .anywhere)
        case .other:
            return GatewayError(
                .upstreamError, "The provider `\(provider)` reported an error within its answer.",
                cause: cause(report.message), source: .upstream, retry: .anywhere)
        }
    }

    private func aboutRequest(
        _ report: UpstreamErrorBody, cause: String, source: GatewayError.Source
    ) -> GatewayError {
        GatewayError(
            .invalidRequest, report.message ?? "The provider refused the request as invalid.", param: report.param,
            cause: cause, source: source)
    }

    /// Whatever is not about the request itself may well be different elsewhere (docs/model-routing.md, Attempts).
    private static func retry(after status: Int) -> GatewayError.Retry {
        switch status {
        case 400, 413, 422: .never
        // A server that does not implement a function will not do so a moment later.
        case 501, 505: .elsewhere
        case 408, 429, 500...: .anywhere
        default: .elsewhere
        }
    }
}
