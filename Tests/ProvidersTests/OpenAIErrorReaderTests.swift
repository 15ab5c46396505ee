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
        #expect(error.wireCode == code && error.wireType == type ?? "invalid_request_error")
        #expect(error.cause?.contains("their words") == true)
    }

    @Test func `The log has the provider's message about a request, cut and without what they quote`() {
        let prompt = String(repeating: "secret plan ", count: 10)
        let message =
            "Invalid 'messages[0].content': can't read \"\(prompt)\" here. " + String(repeating: "x", count: 900)
        let cause = reader.error(reported: UpstreamErrorBody(message: message, code: "400")) { $0 }.cause ?? ""
        #expect(cause.contains("Invalid 'messages[0].content': can't read \"…\" here."))
        #expect(!cause.contains("secret") && cause.utf8.count < 600)
    }

    @Test(
        arguments: [
            ("rate_limit_exceeded", "tokens"), ("429", nil), (nil, "rate_limit_error"),
        ] as [(String?, String?)])
    func `A limit within the answer is one`(code: String?, type: String?) {
        let error = reported(code, type)
        #expect(error.code == .upstreamRateLimited && error.retry == .anywhere && !error.message.contains("words"))
    }

    @Test func `An empty account does not fill up while the same route is asked again`() {
        let body = #"{"error":{"message":"their words","type":"insufficient_quota","code":"insufficient_quota"}}"#
        for error in [
            reported("insufficient_quota"), reported(nil, "insufficient_quota"), answered(429, body, retryAfter: "1"),
        ] {
            #expect(error.code == .upstreamRateLimited && error.retry == .elsewhere && error.isLasting)
            #expect(error.wireCode == "insufficient_quota" && error.wireType == "insufficient_quota")
            #expect(!error.message.contains("words") && error.status == 429)
        }
    }

    @Test(
        arguments: [
            ("server_error", nil), ("529", nil), (nil, "overloaded_error"),
            (nil, nil), ("vector_store_timeout", nil),
        ] as [(String?, String?)])
    func `Everything else is the provider's failure`(code: String?, type: String?) {
        let error = reported(code, type)
        #expect(error.code == .upstreamError && error.retry == .anywhere && !error.message.contains("words"))
        #expect(error.cause?.contains("their words") == true)
    }

    @Test(arguments: ["model_not_found", "invalid_api_key"])
    func `What the operator has to fix goes to other routes and is not worth a retry`(code: String) {
        let error = reported(code, "invalid_request_error")
        #expect(error.code == .upstreamError && error.retry == .elsewhere && error.isLasting)
    }

    private func answered(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> GatewayError {
        answered(status, body, HTTPHeaders(retryAfter.map { [("retry-after", $0)] } ?? []))
    }

    private func answered(_ status: Int, _ body: String, _ headers: HTTPHeaders) -> GatewayError {
        var response = UpstreamErrorResponse(
            HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers), now: Self.now)
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

    /// 2025-12-01 00:00:00 UTC, in microseconds.
    private static let now: Int64 = 1_764_547_200_000_000

    @Test(arguments: [400, 413, 422])
    func `An answer about the request is relayed as it came`(status: Int) {
        let body = #"{ "error" : {"message":"too long: 9 > 8","code":"context_length_exceeded","x":1} }"#
        let error = answered(status, body, ["content-type": "application/json; charset=utf-8"])
        let answer = error.report?.answer
        #expect(answer?.status == status && answer?.contentType == "application/json; charset=utf-8")
        #expect(answer.map { String(decoding: $0.body, as: UTF8.self) } == body)
        #expect(error.status == status && error.wireCode == "context_length_exceeded")
        let plain = answered(status, "no such field: x", ["content-type": "text/plain"])
        #expect(plain.report?.answer?.contentType == "text/plain" && plain.message == "no such field: x")
    }

    @Test(arguments: [
        #"{"error":{"message":"key hush"}}"#, #"{"x":"h\u0075sh"}"#, #"{"x":"{\"a\":\"\\u0068ush\"}"}"#,
        "<html>no</html>",
        "", "the key hush", "\u{1}\u{2}",
    ])
    func `An answer with a secret, a page, and nothing are not relayed`(body: String) {
        let error = answered(400, body)
        #expect(error.code == .invalidRequest && error.report?.answer == nil)
        #expect(!error.message.contains("hush") && error.cause?.contains("hush") == false)
    }

    @Test func `What is compressed or broke off is not relayed`() {
        let gzip = answered(400, #"{"error":{"message":"m"}}"#, ["content-encoding": "gzip"])
        #expect(gzip.report?.answer == nil)
        var response = UpstreamErrorResponse(HTTPResponseHead(version: .http1_1, status: .badRequest), now: 0)
        response.append(ByteBuffer(string: #"{"error":{"message":"m"}}"#))
        response.markIncomplete()
        #expect(reader.error(for: response) { $0 }.report?.answer == nil)
    }

    @Test(
        arguments: [
            (
                #"{"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"Field required","input":"p"}]}"#,
                "messages[0].role: Field required", "messages[0].role"
            ),
            (#"{"errors":["first","second"]}"#, "first; second", nil),
            (#"{"errors":[{"message":"bad","field":"top_p"}]}"#, "top_p: bad", "top_p"),
            (#"{"message":{"detail":[{"loc":["body","n"],"msg":"too many"}]},"type":"x"}"#, "n: too many", "n"),
            ("model does not support tools", "model does not support tools", nil),
            (
                #"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"too long\",\"code\":\"context_length_exceeded\",\"param\":\"messages\"}}"}}}"#,
                "Provider returned error: too long", "messages"
            ),
            (
                #"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"plain words"}}}"#,
                "Provider returned error: plain words", nil
            ),
        ] as [(String, String, String?)])
    func `A validation error of any shape is told and logged`(body: String, message: String, param: String?) {
        let error = answered(422, body)
        #expect(error.code == .invalidRequest && error.message == message && error.param == param)
        #expect(error.cause?.contains(message) == true)
    }

    @Test(
        arguments: [
            (
                #"{"base_resp": {"status_code":2013,\#n "status_msg":"hush: bad field"}}"#,
                #""status_msg":"•: bad field""#
            ),
            (#"{"errors":{"model":["is not known"]}}"#, #"{"model":["is not known"]}"#),
            ("<html><head><TITLE>413 Request Entity Too Large</TITLE>", "a page: 413 Request Entity Too Large"),
            ("<!DOCTYPE html><p>no", "a page"), ("\u{1}\u{2}", "2 bytes that are not text"),
            (#"{"x":"\#(String(repeating: "prompt ", count: 9))"}"#, #"{"x":"…"}"#),
        ])
    func `The log has something of a body in any other shape`(body: String, said: String) {
        for status in [400, 502] {
            let cause = answered(status, body).cause ?? ""
            #expect(cause.contains(said) && !cause.contains("hush") && !cause.contains("\n"), "\(cause)")
        }
        #expect(answered(400, "").cause == "p answered 400")
    }

    @Test func `The code of the provider behind the provider counts`() {
        let raw = #"{\"error\":{\"message\":\"m\",\"code\":\"context_length_exceeded\"}}"#
        let error = answered(400, #"{"error":{"message":"P","code":400,"metadata":{"raw":"\#(raw)"}}}"#)
        #expect(error.wireCode == "context_length_exceeded")
    }

    @Test(arguments: [
        #"{"error":{"code":403,"message":"Input was flagged","metadata":{"reasons":["violence"],"flagged_input":"x"}}}"#,
        #"{"error":{"code":"content_filter","message":"no"}}"#,
        #"{"error":{"code":"x","message":"no","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
        #"{"code":"denied","error":"Content violates usage guidelines."}"#,
    ])
    func `A 403 for the content is the caller's, and goes nowhere else`(body: String) {
        let error = answered(403, body)
        #expect(error.code == .invalidRequest && error.retry == .never && error.status == 400)
        #expect(error.wireCode != nil && error.wireCode != "403")
    }

    @Test(arguments: [
        #"{"error":{"message":"no","type":"server_error","code":"content_policy_violation"}}"#,
        #"{"error":{"message":"no","type":"content_filter"}}"#,
    ])
    func `A refusal of the content is one with any status, and within an answer`(body: String) {
        for status in [500, 503, 403] {
            #expect(answered(status, body).code == .invalidRequest && answered(status, body).retry == .never)
        }
        let report = UpstreamErrorBody(body: ByteBuffer(string: body))
        #expect(reader.error(reported: report) { $0 }.retry == .never)
        let flagged = UpstreamErrorBody(message: "Your input was flagged", code: "403")
        #expect(reader.error(reported: flagged) { $0 }.code == .invalidRequest)
        let forbidden = UpstreamErrorBody(message: "Forbidden", code: "403")
        #expect(reader.error(reported: forbidden) { $0 }.code == .upstreamError)
    }

    @Test(arguments: ["", "Forbidden", #"{"error":{"message":"Your organization must be verified","code":"x"}}"#])
    func `Every other 403 is about the credential`(body: String) {
        let error = answered(403, body)
        #expect(error.code == .upstreamRejectedCredentials && error.retry == .elsewhere && error.isLasting)
    }

    @Test func `A retry that cannot help is marked`() {
        for status in [401, 402, 403, 404, 405, 501, 302] { #expect(answered(status).isLasting, "\(status)") }
        for status in [408, 409, 429, 500, 502, 503, 504, 529] { #expect(!answered(status).isLasting, "\(status)") }
    }

    @Test(
        arguments: [
            (["retry-after": "7"], 7000), (["retry-after": "1.5"], 1500), (["retry-after": " 2 "], 2000),
            (["retry-after": "0.0001"], 1), (["retry-after": "0"], 0),
            (["retry-after-ms": "250", "retry-after": "9"], 250), (["retry-after-ms": "250.4"], 251),
            (["retry-after-ms": "soon", "retry-after": "3"], 3000),
            (["retry-after": "Mon, 01 Dec 2025 00:00:05 GMT"], 5000),
            (["retry-after": "Monday, 01-Dec-25 00:00:05 GMT"], 5000),
            (["retry-after": "Mon Dec  1 00:00:05 2025"], 5000),
            (["retry-after": "Mon, 01 Dec 2025 00:01:00 GMT", "date": "Mon, 01 Dec 2025 00:00:50 GMT"], 10_000),
            (["retry-after": "Sun, 30 Nov 2025 00:00:05 GMT"], 0),
            (["retry-after": "99999999999999999999"], 1_000_000_000_000),
            (["retry-after": "-1"], nil), (["retry-after": "1e3"], nil), (["retry-after": "1.2.3"], nil),
            (["retry-after": ""], nil), (["retry-after": "."], nil), (["retry-after": "tomorrow"], nil), ([:], nil),
        ] as [(HTTPHeaders, Int?)])
    func `Reads when a retry makes sense`(headers: HTTPHeaders, milliseconds: Int?) {
        let error = answered(429, "", headers)
        #expect(error.retryAfterMilliseconds == milliseconds)
        #expect(error.retryAfterSeconds == milliseconds.map { ($0 + 999) / 1000 })
    }

    @Test func `A large body is not kept whole`() {
        var response = UpstreamErrorResponse(HTTPResponseHead(version: .http1_1, status: .badRequest), now: 0)
        for _ in 0..<100 { response.append(ByteBuffer(repeating: 32, count: 1000)) }
        #expect(response.body.readableBytes == 64 * 1024 && response.isCut)
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
