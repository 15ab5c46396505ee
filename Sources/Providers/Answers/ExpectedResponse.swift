import GatewayCore
public import NIOHTTP1

/// What the head of a successful response must be like for its body to be read.
public struct ExpectedResponse: Sendable {
    /// In lower case, without parameters.
    private let mediaType: String

    /// A JSON document.
    public static let json = ExpectedResponse(mediaType: "application/json")
    /// Server-sent events.
    public static let eventStream = ExpectedResponse(mediaType: "text/event-stream")

    /// What is wrong with the head of a 2xx, for the log; nil if its body may be the answer.
    public func validate(_ head: HTTPResponseHead) -> String? {
        guard head.status == .ok else { return "its answer has the status \(head.status.code)" }
        if let encoding = head.headers.first(name: "content-encoding"), !encoding.isSameIgnoringCase("identity") {
            return "its answer is encoded as \(encoding), which was not asked for"
        }
        guard let type = head.headers.first(name: "content-type"), !type.startsIgnoringCase(with: mediaType) else {
            return nil
        }
        return "its answer is \(type) instead of \(mediaType)"
    }
}
