public import GatewayCore

/// How an attempt ended: the facts that its cost depends on.
public struct AttemptEnding: Sendable, Hashable {
    public var reason: EndReason
    /// The status of the provider's response; nil if none arrived.
    public var status: Int?
    /// Whether the provider may have got the request: not if it could not be reached.
    public var wasSent = true
    /// Whether the response arrived complete.
    public var isComplete = false
    /// Whether the response had any content.
    public var hasContent = false
    /// Whether the provider itself said, within its response, that it failed.
    public var isReportedFailure = false
    /// The last usage that the provider reported; nil if it reported none.
    public var usage: TokenUsage?
    /// The bytes of the content that arrived.
    public var outputBytes: Int64 = 0

    public init(_ reason: EndReason) {
        self.reason = reason
    }
}
