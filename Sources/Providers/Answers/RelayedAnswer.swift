import GatewayCore
import NIOCore
import WireFormats

/// Which error answers of a provider go to the caller as they came (docs/api.md, Errors): those about the request,
/// since clients match their wording to compact or to retry.
enum RelayedAnswer {
    private static let statuses = [400, 413, 422]

    /// Nil if the answer is told in the family's own shape: it is a page or compressed, broke off, or quotes a secret.
    /// - Parameter redact: takes the secrets of the attempt out of a text.
    static func answer(_ response: UpstreamErrorResponse, redact: (String) -> String) -> ProviderReport.Answer? {
        guard statuses.contains(response.status), !response.isCut, !response.isEncoded,
            let format = AnswerFormat(response.body), !quotesSecret(response.body, redact)
        else { return nil }
        let named = response.contentType ?? ""
        let contentType =
            switch format {
            case .json: named.lowercased().contains("json") ? named : "application/json"
            case .text: named.lowercased().hasPrefix("text/plain") ? named : "text/plain; charset=utf-8"
            }
        return ProviderReport.Answer(
            status: response.status, contentType: contentType, body: Array(response.body.readableBytesView))
    }

    private static func quotesSecret(_ body: ByteBuffer, _ redact: (String) -> String) -> Bool {
        let text = String(buffer: body)
        return EscapedSecrets.redacted(text, by: redact) != text
    }
}
