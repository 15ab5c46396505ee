/// The changes that a route makes to its requests.
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
    /// Added after the provider's headers; they replace headers of the same name.
    public let headers: [Header]
    /// A JSON object that is merged deeply into the body; its values take precedence over the caller's.
    public let extraBody: String?
    /// Whether the provider may store responses if the caller wants it, and callers may refer to their own.
    public let storesResponses: Bool

    /// The fields that may choose another model.
    public let allowedFields: Set<RoutingField>
    /// Whether the gateway may add `stream_options` to ask for the usage of a stream of which the caller did not.
    public private(set) var addsUsageRequest = true

    /// No changes by default.
    public init(
        compatibility: CompatibilityProfile = .standard, headers: [Header] = [], extraBody: String? = nil,
        storesResponses: Bool = false, allowedFields: Set<RoutingField> = []
    ) {
        self.allowedFields = allowedFields
        self.compatibility = compatibility
        self.headers = headers
        self.extraBody = extraBody
        self.storesResponses = storesResponses
    }

    /// No changes.
    public static let none = RouteAdjustments()

    /// The same for a provider that has refused the `stream_options` which the gateway adds.
    public func withoutUsageRequest() -> RouteAdjustments {
        var copy = self
        copy.addsUsageRequest = false
        return copy
    }

    /// Whether the body needs more changes than those that every route makes.
    public var changeBody: Bool { extraBody != nil || compatibility != .standard }
}
