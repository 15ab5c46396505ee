/// What a route changes in the requests that it takes.
public struct RouteAdjustments: Sendable, Hashable {
    /// A header that is added to every request. Its value is treated as a secret.
    public struct Header: Sendable, Hashable {
        /// In lower case.
        public let name: String
        public let value: Secret

        public init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// How the provider's chat API differs from OpenAI's own.
    public let compatibility: CompatibilityProfile
    /// Added after the provider's own, in whose place they come.
    public let headers: [Header]
    /// A JSON object that is merged deeply into the body; what it says goes before what the caller wrote.
    public let extraBody: String?
    /// Whether the provider may keep responses if the caller wants it, and callers refer to their own.
    public let storesResponses: Bool

    /// Changes as said; none at all by default.
    public init(
        compatibility: CompatibilityProfile = .standard, headers: [Header] = [], extraBody: String? = nil,
        storesResponses: Bool = false
    ) {
        self.compatibility = compatibility
        self.headers = headers
        self.extraBody = extraBody
        self.storesResponses = storesResponses
    }

    /// No changes.
    public static let none = RouteAdjustments()

    /// Whether the body changes by more than the model's name and what is always asked for.
    public var changeBody: Bool { extraBody != nil || compatibility != .standard }
}
