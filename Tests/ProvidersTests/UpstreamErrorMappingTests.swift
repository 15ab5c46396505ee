import GatewayCore
import Providers
import Testing
import WireFormats

/// What an upstream's failure means for the caller.
@Suite struct UpstreamErrorMappingTests {
    private func reported(_ code: String?, _ type: String? = nil) -> GatewayError {
        UpstreamErrorMapping.reported(
            UpstreamErrorBody(message: "their words", code: code, type: type), provider: "p", retry: .anywhere)
    }

    @Test(
        arguments: [
            ("context_length_exceeded", nil), ("invalid_prompt", nil), ("image_too_large", nil), ("400", nil),
            ("422", nil),
            (nil, "invalid_request_error"), ("string_above_max_length", "invalid_request_error"),
        ] as [(String?, String?)])
    func `An error within the answer about the request is the caller's, in the provider's words`(
        code: String?, type: String?
    ) {
        let error = reported(code, type)
        #expect(error.code == .invalidRequest && error.message == "their words" && error.retry == .never)
        #expect(error.cause?.contains("their words") == false, "they may quote the prompt")
    }

    @Test(
        arguments: [
            ("rate_limit_exceeded", "tokens"), ("insufficient_quota", nil), ("429", nil), (nil, "rate_limit_error"),
        ] as [(String?, String?)])
    func `A limit within the answer is one`(code: String?, type: String?) {
        let error = reported(code, type)
        #expect(error.code == .upstreamRateLimited && error.retry == .anywhere && !error.message.contains("words"))
    }

    @Test(
        arguments: [
            ("server_error", nil), ("529", nil), (nil, "overloaded_error"),
            ("model_not_found", "invalid_request_error"),
            (nil, nil), ("vector_store_timeout", nil),
        ] as [(String?, String?)])
    func `Everything else is the provider's failure`(code: String?, type: String?) {
        let error = reported(code, type)
        #expect(error.code == .upstreamError && error.retry == .anywhere && !error.message.contains("words"))
        #expect(error.cause?.contains("their words") == true)
    }

    private func notFound(_ report: UpstreamErrorBody) -> GatewayError {
        UpstreamErrorMapping.status(404, provider: "p", report: report, retryAfterSeconds: nil)
    }

    @Test func `A 404 about an item of the input is the caller's, one about the model is not`() {
        let item = UpstreamErrorBody(
            message: "Item with id 'rs_1' not found.", type: "invalid_request_error", param: "input")
        #expect(notFound(item).code == .invalidRequest && notFound(item).retry == .never)
        #expect(notFound(item).message == item.message && notFound(item).param == "input")
        let model = UpstreamErrorBody(message: "no model", code: "model_not_found", type: "invalid_request_error")
        for report in [model, UpstreamErrorBody(), UpstreamErrorBody(type: "invalid_request_error", param: "model")] {
            #expect(notFound(report).code == .upstreamError && notFound(report).retry == .elsewhere)
        }
    }
}
