/// What a provider itself calls an error of the request. Clients act upon its code (`context_length_exceeded`,
/// `content_filter`), so the gateway does not put its own in that place.
public struct ProviderReport: Sendable, Hashable {
    /// An answer that is relayed as it came: clients match its wording.
    public struct Answer: Sendable, Hashable {
        /// 400, 413 or 422.
        public let status: Int
        public let contentType: String
        public let body: [UInt8]

        public init(status: Int, contentType: String, body: [UInt8]) {
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    /// The kind of error, such as `invalid_request_error`; nil if the provider gave none.
    public let type: String?
    /// Nil if the provider gave none.
    public let code: String?
    /// The provider's answer, if it is relayed; nil if the error is told in the family's own shape.
    public let answer: Answer?

    public init(type: String?, code: String?, answer: Answer? = nil) {
        self.type = type
        self.code = code
        self.answer = answer
    }
}
