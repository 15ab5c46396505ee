/// The ordered routes of a request, and why each of the others was dropped.
public struct RoutePlan: Sendable, Hashable {
    /// In the order in which they are tried.
    public let kept: [PlannedRoute]
    /// In the order of the model's routes.
    public let dropped: [DroppedRoute]
    /// Every route that could serve the request is cooling down; the kept one is tried because no other is left.
    public let isLastResort: Bool

    public init(kept: [PlannedRoute], dropped: [DroppedRoute], isLastResort: Bool = false) {
        self.kept = kept
        self.dropped = dropped
        self.isLastResort = isLastResort
    }
}

/// A route that may be tried.
public struct PlannedRoute: Sendable, Hashable {
    /// Its position in the snapshot's list of the model's routes.
    public let index: Int
    /// `<model>/<position, from 1>`: how a route is named in headers, logs and messages.
    public let id: String
    public let provider: String

    public init(index: Int, id: String, provider: String) {
        self.index = index
        self.id = id
        self.provider = provider
    }
}

/// A route that cannot serve the request, with the reason.
public struct DroppedRoute: Sendable, Hashable {
    /// Its position in the snapshot's list of the model's routes.
    public let index: Int
    public let id: String
    public let provider: String
    public let reason: DropReason

    public init(index: Int, id: String, provider: String, reason: DropReason) {
        self.index = index
        self.id = id
        self.provider = provider
        self.reason = reason
    }
}

/// Why a route cannot serve a request.
public enum DropReason: Sendable, Hashable {
    case disabled
    case weightNotPositive
    case providerMissing
    case providerCredentialsMissing(String)
    case lacksCapability([Capability])
    /// It failed too often, or its provider asked for a pause. Microseconds since 1970 UTC.
    case coolingDown(until: Int64)

    /// The reason's name in logs and messages, as in docs/model-routing.md.
    public var text: String {
        switch self {
        case .disabled: "disabled"
        case .weightNotPositive: "weight_not_positive"
        case .providerMissing: "provider_missing"
        case .providerCredentialsMissing: "provider_credentials_missing"
        case .lacksCapability(let capabilities):
            "lacks_capability(\(capabilities.map(\.rawValue).joined(separator: ", ")))"
        case .coolingDown(let until): "cooling_down(\(until))"
        }
    }
}
