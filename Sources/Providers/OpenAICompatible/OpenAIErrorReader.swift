import GatewayCore
import WireFormats

/// Reads errors in OpenAI's terms, which most providers have taken over.
struct OpenAIErrorReader: UpstreamErrorReader {
    /// The provider's id.
    let provider: String
    /// What the gateway itself added to the request, if the provider may refuse that; nil if it added nothing.
    var addition: StreamUsageSupport?

    func error(for response: UpstreamErrorResponse, redact: (String) -> String) -> GatewayError {
        let report = UpstreamErrorBody(answer: response.body).redacted(by: redact)
        let said = LoggedReport.text(of: report) ?? LoggedReport.text(of: response, redact: redact)
        let cause = "\(provider) answered \(response.status)" + (said.map { ": \($0)" } ?? "")
        if let refusal = refusalOfAddition(report, status: response.status, cause) { return refusal }
        switch meaning(of: response.status, report) {
        case .request:
            return aboutRequest(
                report, cause: cause, source: .client, status: response.status,
                answer: RelayedAnswer.answer(response, redact: redact))
        case .credentials:
            return failure(
                .upstreamRejectedCredentials,
                "The provider `\(provider)` rejected the gateway's credentials. This is for the gateway's operator to"
                    + " fix.", cause, response, retry: .elsewhere, isLasting: true)
        case .missing:
            return failure(
                .upstreamError,
                "The provider `\(provider)` does not have the model or endpoint of the route (status"
                    + " \(response.status)). This is for the gateway's operator to fix.",
                cause, response, retry: .elsewhere, isLasting: true)
        case .quota: return quota(cause)
        case .limit: return failure(.upstreamRateLimited, limited, cause, response, retry: .anywhere)
        case .timeout:
            return failure(
                .upstreamTimeout, "The provider `\(provider)` took too long.", cause, response, retry: .anywhere)
        case .other(let retry, let isLasting):
            return failure(
                .upstreamError, "The provider `\(provider)` failed with status \(response.status).", cause, response,
                retry: retry, isLasting: isLasting)
        }
    }

    func error(reported body: UpstreamErrorBody, redact: (String) -> String) -> GatewayError {
        let report = body.redacted(by: redact)
        let said = LoggedReport.text(of: report)
        let cause = "\(provider) reported an error within its answer" + (said.map { ": \($0)" } ?? "")
        if let refusal = refusalOfAddition(report, status: 400, cause) { return refusal }
        switch report.category {
        case .request: return aboutRequest(report, cause: cause, source: .upstream)
        case .quota: return quota(cause)
        case .limit:
            return GatewayError(.upstreamRateLimited, limited, cause: cause, source: .upstream, retry: .anywhere)
        case .setting:
            return GatewayError(
                .upstreamError, reported, cause: cause, source: .upstream, retry: .elsewhere, isLasting: true)
        case .other:
            return GatewayError(.upstreamError, reported, cause: cause, source: .upstream, retry: .anywhere)
        }
    }

    // MARK: What a status means

    private enum Meaning {
        case request, credentials, missing, quota, limit, timeout
        case other(GatewayError.Retry, isLasting: Bool)
    }

    /// Whatever is not about the request itself may well be different elsewhere (docs/model-routing.md, Attempts).
    private func meaning(of status: Int, _ report: UpstreamErrorBody) -> Meaning {
        switch status {
        case 400 where report.code == "invalid_api_key": .credentials
        case 400 where report.code == "model_not_found": .missing
        case 400, 413, 422: .request
        // Some servers (LiteLLM) answer 500 with such a code. No other provider is to get the flagged text.
        case _ where report.namesContentRefusal: .request
        case 403 where report.isContentRefusal, 451 where report.isContentRefusal: .request
        case 404 where report.isAboutInput: .request
        case 401, 403: .credentials
        // A server that does not implement a function will not do so a moment later.
        case 404, 405, 501, 505: .missing
        case 429: report.category == .quota ? .quota : .limit
        case 408, 504: .timeout
        case 500...: .other(.anywhere, isLasting: false)
        case 409, 425: .other(.elsewhere, isLasting: false)
        default: .other(.elsewhere, isLasting: true)
        }
    }

    private var limited: String {
        "The provider `\(provider)` is limiting the gateway's requests. Try again later."
    }

    private var reported: String { "The provider `\(provider)` reported an error within its answer." }

    private func failure(
        _ code: ErrorCode, _ text: String, _ cause: String, _ response: UpstreamErrorResponse,
        retry: GatewayError.Retry, isLasting: Bool = false
    ) -> GatewayError {
        GatewayError(
            code, text, cause: cause, source: .upstream, retry: retry,
            retryAfterMilliseconds: response.retryAfterMilliseconds, isLasting: isLasting)
    }

    /// Its code is OpenAI's: clients (Codex) stop at it, and the account does not fill up while they wait.
    private func quota(_ cause: String) -> GatewayError {
        GatewayError(
            .upstreamRateLimited,
            "The quota of the gateway's account with the provider `\(provider)` is used up. This is for the gateway's"
                + " operator to fix.",
            cause: cause, source: .upstream, retry: .elsewhere, isLasting: true,
            report: ProviderReport(type: "insufficient_quota", code: "insufficient_quota"))
    }

    private func aboutRequest(
        _ report: UpstreamErrorBody, cause: String, source: GatewayError.Source, status: Int = 400,
        answer: ProviderReport.Answer? = nil
    ) -> GatewayError {
        let isTooLarge = status == 413
        let text = isTooLarge ? "The request is too large for the provider." : "The provider refused the request."
        // A status is no code: OpenRouter's moderation has no other.
        let isRefusal =
            (report.refusesContent || status == 403 || status == 451) && report.code.map { Int($0) != nil } ?? true
        return GatewayError(
            isTooLarge ? .requestTooLarge : .invalidRequest, report.message ?? text, param: report.param, cause: cause,
            source: source,
            report: ProviderReport(
                type: report.namedType, code: isRefusal ? "content_policy_violation" : report.code, answer: answer))
    }

    /// The provider refuses what the caller has not sent: the gateway leaves it out from now on.
    private func refusalOfAddition(_ report: UpstreamErrorBody, status: Int, _ cause: String) -> GatewayError? {
        guard let addition, status == 400 || status == 422 else { return nil }
        let texts = [report.message, report.param].compactMap(\.self)
        guard texts.contains(where: { $0.contains("stream_options") || $0.contains("include_usage") }) else {
            return nil
        }
        addition.recordRefusal()
        return GatewayError(
            .upstreamError, "The provider `\(provider)` refuses a field that the gateway adds.", cause: cause,
            source: .upstream, retry: .unadorned)
    }
}
