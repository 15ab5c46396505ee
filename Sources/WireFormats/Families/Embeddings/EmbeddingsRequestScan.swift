import GatewayCore

/// The body of an embeddings request. The scan checks only the input, which is a text, tokens or a list of either;
/// everything else passes through unchanged.
struct EmbeddingsRequestScan: RequestScan {
    static let inspectedFields: [StaticString] = ["model", "input", "stream"]

    static let references: [StaticString] = []

    var scanner: JSONScanner
    var problem: GatewayError?
    var model: JSONString?
    var stream = false
    var required: CapabilitySet = [.embeddings]
    var stateField: String?
    var routingFields: [RoutingField] = []
    var bounds = UsageBounds()
    private var hasInput = false

    init(_ bytes: Bytes) {
        scanner = JSONScanner(bytes)
        bounds.hasOutput = false
    }

    mutating func run() throws(GatewayError) -> APIRequest {
        _ = try readBody()
        let model = try requiredModel()
        guard hasInput else { throw .client(.invalidRequest, "The field `input` is required.", param: "input") }
        guard !stream else {
            throw .client(.invalidRequest, "Embeddings are not streamed; remove `stream`.", param: "stream")
        }
        return APIRequest(facts(model: model), EmbeddingsFamily())
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
