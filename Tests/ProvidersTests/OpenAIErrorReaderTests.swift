import Egress
import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import Testing
import WireFormats

/// What an upstream's failure means for the caller.
@Suite struct OpenAIErrorReaderTests {
    /// The one that an OpenAI-compatible provider chooses.
    private let reader: any UpstreamErrorReader

    init() throws {
        reader = try SimulatorProvider(id: "p", options: SimulatorOptions()).prepare(.minimal, credential: nil).errors
    }

    private func reported(_ code: String?, _ type: String? = nil) -> GatewayError {
        reader.error(reported: UpstreamErrorBody(message: "their words", code: code, type: type)) { $0 }
    }

    @Test(
        arguments: [
            ("context_length_exceeded", nil), ("invalid_prompt", nil), ("image_too_large", nil), ("400", nil),
            ("422", nil),
            (nil, "invalid_request_error"), ("string_above_max_length", "invalid_request_error"),
        ] as [(String?, String?)])
    func `An error within the answer about the request is the caller's, with the provider's message`(
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

    private func answered(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> GatewayError {
        let headers = HTTPHeaders(retryAfter.map { [("retry-after", $0)] } ?? [])
        var response = UpstreamErrorResponse(
            HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers))
        for byte in body.utf8 { response.append(ByteBuffer(bytes: [byte])) }
        return reader.error(for: response) { $0.replacing("hush", with: "•") }
    }

    @Test func `A 404 about an item of the input is the caller's, one about the model is not`() {
        let item = answered(
            404,
            #"{"error":{"message":"Item with id 'rs_1' not found.","type":"invalid_request_error","param":"input"}}"#)
        #expect(item.code == .invalidRequest && item.retry == .never)
        #expect(item.message == "Item with id 'rs_1' not found." && item.param == "input")
        for body in [
            #"{"error":{"message":"no model","code":"model_not_found","type":"invalid_request_error"}}"#, "",
            #"{"error":{"type":"invalid_request_error","param":"model"}}"#,
        ] {
            let error = answered(404, body)
            #expect(error.code == .upstreamError && error.retry == .elsewhere, "\(body)")
        }
    }

    @Test(arguments: [
        (400, ErrorCode.invalidRequest, GatewayError.Retry.never), (422, .invalidRequest, .never),
        (401, .upstreamRejectedCredentials, .elsewhere), (403, .upstreamRejectedCredentials, .elsewhere),
        (413, .requestTooLarge, .never), (429, .upstreamRateLimited, .anywhere), (408, .upstreamTimeout, .anywhere),
        (504, .upstreamTimeout, .anywhere), (500, .upstreamError, .anywhere), (501, .upstreamError, .elsewhere),
        (302, .upstreamError, .elsewhere),
    ])
    func `Every status has a meaning, and no secret is told`(
        status: Int, code: ErrorCode, retry: GatewayError.Retry
    ) {
        let error = answered(status, #"{"error":{"message":"hush","code":"hush"}}"#, retryAfter: "7")
        #expect(error.code == code && error.retry == retry)
        #expect(!error.message.contains("hush") && error.cause?.contains("hush") == false)
        #expect(error.cause?.hasPrefix("p answered \(status)") == true)
        #expect(error.retryAfterSeconds == ([400, 413, 422].contains(status) ? nil : 7))
    }

    @Test func `A large body is not kept whole`() {
        var response = UpstreamErrorResponse(HTTPResponseHead(version: .http1_1, status: .badRequest))
        for _ in 0..<100 { response.append(ByteBuffer(repeating: 32, count: 1000)) }
        #expect(response.body.readableBytes == 64 * 1024)
    }

    @Test(arguments: [
        (UpstreamFailure.Kind.unreachable, ErrorCode.upstreamUnreachable, GatewayError.Retry.anywhere),
        (.tls, .upstreamUnreachable, .elsewhere), (.noAnswer, .upstreamError, .never), (.cut, .upstreamError, .never),
        (.invalidAnswer, .upstreamError, .never),
    ])
    func `A call without a response is retried only if it cannot have been acted upon`(
        kind: UpstreamFailure.Kind, code: ErrorCode, retry: GatewayError.Retry
    ) {
        let error = UpstreamFailure(kind, "reason").error(provider: "p")
        #expect(error.code == code && error.retry == retry && error.cause == "reason")
        #expect(error.message.contains("`p`") && !error.message.contains("reason"))
    }
}

extension AttemptRequest {
    /// A chat request with nothing in it.
    static var minimal: AttemptRequest {
        get throws {
            let body = ByteBuffer(string: #"{"model":"m","messages":[]}"#)
            return AttemptRequest(
                body: body, request: try APIOperation.chat.family.scan(body), upstreamModel: "up")
        }
    }
}
