import GatewayCore
public import NIOHTTP1

/// What the head of a successful response must be like for its body to be read.
///
/// The content type decides nothing: proxies name good streams `text/plain`, `application/json` or
/// `application/octet-stream`. What the body is, its bytes tell.
public struct ExpectedResponse: Sendable {
    /// 200, not compressed.
    public static let uncompressed = ExpectedResponse()

    private init() {}

    /// What is wrong with the head of a 2xx, for the log; nil if its body may be the answer.
    public func validate(_ head: HTTPResponseHead) -> String? {
        guard head.status == .ok else { return "its answer has the status \(head.status.code)" }
        if let encoding = head.headers.first(name: "content-encoding"), !encoding.isSameIgnoringCase("identity") {
            return "its answer is encoded as \(encoding), which was not asked for"
        }
        return nil
    }
}
