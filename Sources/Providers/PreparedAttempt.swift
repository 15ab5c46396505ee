public import WireFormats

/// An attempt in the provider's own terms: the call, and how what comes back is read. Made for one attempt and used
/// once.
public struct PreparedAttempt: Sendable {
    public let call: ProviderCall
    /// What the head of a successful response must be like.
    public let expected: ExpectedResponse
    /// Makes the answer of the caller's family out of the response.
    public let relay: any AnswerRelay
    /// Reads a failure.
    public let errors: any UpstreamErrorReader

    public init(
        call: ProviderCall, expected: ExpectedResponse, relay: any AnswerRelay, errors: any UpstreamErrorReader
    ) {
        self.call = call
        self.expected = expected
        self.relay = relay
        self.errors = errors
    }
}
