public import GatewayCore
public import NIOCore

/// What the gateway needs to know of the body of `POST /v1/embeddings`
/// (https://platform.openai.com/docs/api-reference/embeddings/create): everything else passes through, whether the input is a text,
/// tokens or a list of either, and the answer's encoding floats or base64.
public struct EmbeddingsRequest: Sendable, Equatable {
    /// The requested model, escapes resolved. Never empty.
    public let model: String
    /// The value of `model` with its quotes, in bytes from the first readable one.
    let modelSpan: Range<Int>

    /// Reads a request body, once, from front to back; errors as `ChatRequest.scan`.
    public static func scan(_ body: ByteBuffer) throws(GatewayError) -> EmbeddingsRequest {
        let outcome = body.withBytes { bytes in
            do throws(GatewayError) {
                var scan = EmbeddingsRequestScan(bytes)
                return Result<EmbeddingsRequest, GatewayError>.success(try scan.run())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// The body for an upstream that knows the model as `model`; `body` must be the one that was scanned.
    public func rewritten(_ body: ByteBuffer, model: String) -> [ByteBuffer] {
        model == self.model ? [body] : BodyEdit.apply([BodyEdit(modelSpan, .quoted(model))], to: body)
    }
}

private struct EmbeddingsRequestScan: RequestScan {
    static let inspectedFields: [StaticString] = ["model", "input", "stream"]

    var scanner: JSONScanner
    var problem: GatewayError?
    var model: JSONString?
    var stream = false
    private var hasInput = false

    init(_ bytes: Bytes) {
        scanner = JSONScanner(bytes)
    }

    mutating func run() throws(GatewayError) -> EmbeddingsRequest {
        _ = try readBody()
        let model = try requiredModel()
        guard hasInput else { throw .client(.invalidRequest, "The field `input` is required.", param: "input") }
        guard !stream else {
            throw .client(.invalidRequest, "Embeddings are not streamed; leave `stream` out.", param: "stream")
        }
        return EmbeddingsRequest(model: scanner.text(model), modelSpan: model.span)
    }

    mutating func readMember(_ key: JSONString) throws(JSONSyntaxError) -> Bool {
        guard scanner.isEqual(key, "input") else { return false }
        let value = try scanner.value()
        hasInput = true
        if value.kind != .string, value.kind != .array {
            report("input", "The field `input` must be a string or an array.")
        } else if value.isEmpty {
            report("input", "The field `input` must not be empty.")
        }
        return true
    }
}
