import GatewayCore
import NIOHTTP1

/// What a request's head says about its body (RFC 9112, section 6).
struct RequestFraming {
    /// From `Content-Length`; nil for a chunked body or none.
    let declaredBytes: Int?
    /// A request without one is complete with its head.
    let hasBody: Bool
    /// RFC 9110, section 10.1.1.
    let expectsContinue: Bool

    init(_ head: HTTPRequestHead) {
        // A length that does not fit is one that is too large; the decoder has refused those that are not numbers.
        declaredBytes = head.headers.first(name: "content-length").map { Int($0) ?? .max }
        hasBody = declaredBytes.map { $0 > 0 } ?? head.headers.contains(name: "transfer-encoding")
        expectsContinue = head.headers.first(name: "expect")?.isSameIgnoringCase("100-continue") ?? false
    }
}
