public import GatewayCore

/// One route: a provider, and the model's name at the provider.
public struct RouteConfiguration: Sendable, Hashable {
    /// An id of `providers`.
    public let provider: String
    /// The model's name at the provider. The default for a simulator is the model's id.
    public let upstreamModel: String
    /// Lower is tried first.
    public let priority: Int
    /// The share of requests among routes of one priority; 0 for none.
    public let weight: Double
    /// A disabled route is never tried.
    public let isEnabled: Bool
    /// The capabilities that the route allows; the adapter's own limits apply in addition.
    public let capabilities: CapabilitySet
    /// How chat requests are adapted.
    public let compatibility: CompatibilityProfile
    /// Added to every request of this route, after the provider's headers.
    public let extraHeaders: [HeaderConfiguration]
    /// Merged deeply into the body that goes upstream; an object.
    public let extraBody: JSONValue?
    /// Nil for the catalogue's prices. A simulator's routes are free by default.
    public let pricing: RoutePricing?
    /// The model's token limits.
    public let limits: LimitsConfiguration
    /// Whether the provider may store responses of this route, and callers may refer to them.
    public let allowsStoredResponses: Bool
    /// Fields of requests that may choose another model at the provider.
    public let allowedFields: [RoutingField]
    /// Why the route is unavailable until a reload: a header's reference has no value. See also the provider's.
    public private(set) var unavailableReason: String?
    /// The entry in its stored form: secrets as their references.
    public let definition: RouteDefinition

    init(_ map: MappingReader, model: String, providers: [ProviderConfiguration]) {
        let providerID = map.required("provider", .id) ?? ""
        provider = providerID
        let target = providers.first { $0.id == providerID }
        let kind = target?.kind
        upstreamModel = Self.upstreamModel(map, of: kind, model: model)
        priority = map.value("priority", .integer(in: 0...1_000_000), default: 100)
        weight = map.value("weight", .number(in: 0...1_000_000), default: 1)
        isEnabled = map.value("enabled", .flag, default: true)
        map.refuseBlank("capabilities", "flags such as { tools: false }")
        capabilities = map.section("capabilities", CapabilitySet.init)
        compatibility = map.section("compatibility", CompatibilityProfile.init)
        let headers = map.headers("extra_headers")
        extraHeaders = headers.headers
        unavailableReason = headers.missing
        extraBody = map.jsonObject("extra_body", reserved: ["model", "stream"])
        pricing = map.pricing("pricing", default: kind?.type == .simulator ? .free : nil)
        if pricing == nil, !upstreamModel.isEmpty, let listed = target?.pricingProvider(of: upstreamModel) {
            map.context.prices?.checkRoute(to: listed, model: upstreamModel, map)
        }
        limits = map.section("limits", LimitsConfiguration.init)
        allowsStoredResponses = map.value("allow_stored_responses", .flag, default: false)
        allowedFields = map.scalars("allow_fields", .choice).map(\.value)
        definition = RouteDefinition(
            provider: provider, upstreamModel: upstreamModel, priority: priority, weight: weight, isEnabled: isEnabled,
            options: map.json(without: ["provider", "upstream_model", "priority", "weight", "enabled"]))
        if !provider.isEmpty { map.context.mention(.provider, provider, at: map.place(of: "provider")) }
        if let reason = headers.missing {
            map.context.warning(
                at: map.place(of: "extra_headers"), "\(reason); this route is unavailable until that is fixed")
        }
    }

    func unavailable(_ reason: String) -> RouteConfiguration {
        var copy = self
        copy.unavailableReason = reason
        return copy
    }

    private static func upstreamModel(_ map: MappingReader, of kind: ProviderKind?, model: String) -> String {
        guard let kind else { return map.optional("upstream_model", .upstreamModel) ?? "" }
        switch kind.type {
        case .simulator:
            return map.value("upstream_model", .upstreamModel, default: model)
        case .openAICompatible:
            return map.required("upstream_model", .upstreamModel) ?? ""
        case .vertex:
            return map.required("upstream_model", .vertexModel) ?? ""
        }
    }
}

extension ScalarKind where Value == String {
    /// `<publisher>/<model>`: the publisher decides which API the model has.
    fileprivate static var vertexModel: ScalarKind {
        .string("<publisher>/<model>, with google or anthropic as publisher", mayBeReference: false, show: { $0 }) {
            text in
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["google", "anthropic"].contains(parts[0]), !parts[1].isEmpty else { return nil }
            return text.utf8.count <= 256 && text.utf8.allSatisfy(\.isVisibleASCII) ? text : nil
        }
    }
}

/// The token limits of a model at a provider; nil for the catalogue's figure.
public struct LimitsConfiguration: Sendable, Hashable {
    /// Input and output together.
    public let contextTokens: Int?
    /// Output only.
    public let outputTokens: Int?

    init(_ map: MappingReader) {
        contextTokens = map.optional("context_tokens", .integer(in: 1...1_000_000_000))
        outputTokens = map.optional("output_tokens", .integer(in: 1...1_000_000_000))
    }
}

extension CapabilitySet {
    /// Flags by name; a capability without a flag is allowed.
    init(_ map: MappingReader) {
        let allowed = Capability.allCases.filter { map.value($0.rawValue, .flag, default: true) }
        self.init(allowed)
    }
}
