public import GatewayCore

/// One entry of `providers`.
public struct ProviderConfiguration: Sendable, Hashable {
    /// The name that routes refer to.
    public let id: String
    /// The adapter and its settings.
    public let kind: ProviderKind
    /// The provider whose catalogue prices apply; nil if each route has its own price.
    public let pricingProviderID: String?
    /// Added to every request to this provider.
    public let defaultHeaders: [HeaderConfiguration]
    /// The time limits of its requests.
    public let timeouts: TimeoutConfiguration
    /// What happens to its request when the caller disconnects.
    public let onClientDisconnect: ClientDisconnect
    /// How pages display it.
    public let display: DisplayConfiguration
    /// Whether the provider gets the request's `traceparent`.
    public let propagatesTrace: Bool
    /// Why all routes of this provider are unavailable until a reload: a reference of a credential or header has no
    /// value.
    public private(set) var unavailableReason: String?
    /// The entry in its stored form: secrets as their references.
    public let definition: ProviderDefinition

    init(_ map: MappingReader) {
        id = map.required("id", .id) ?? ""
        if !id.isEmpty { map.context.declare(.provider, id, at: map.place(of: "id")) }
        kind = ProviderKind(map)
        pricingProviderID = map.optional("pricing_provider_id", .id)
        if let pricingProviderID { map.context.prices?.checkProvider(pricingProviderID, map) }
        let headers = kind.type == .simulator ? HeaderSet() : map.headers("default_headers")
        defaultHeaders = headers.headers
        timeouts = map.section("timeouts", TimeoutConfiguration.init)
        onClientDisconnect = map.value("on_client_disconnect", .choice, default: .cancel)
        display = map.section("display", DisplayConfiguration.init)
        propagatesTrace = map.value("propagate_trace", .flag, default: false)
        unavailableReason = kind.missingCredential ?? headers.missing
        definition = ProviderDefinition(id: id, settings: map.json(without: ["id"]))
        if let reason = headers.missing {
            map.context.warning(
                at: map.place(of: "default_headers"),
                "\(reason); the provider's routes are unavailable until that is fixed")
        }
    }

    func unavailable(_ reason: String) -> ProviderConfiguration {
        var copy = self
        copy.unavailableReason = reason
        return copy
    }
}

extension ProviderConfiguration {
    /// The provider in the price list whose price an upstream model has; nil if there is none. Google lists the models
    /// of Anthropic apart.
    public func pricingProvider(of upstreamModel: String) -> String? {
        if let pricingProviderID { return pricingProviderID }
        guard case .vertex = kind else { return nil }
        return upstreamModel.hasPrefix("anthropic/") ? "google-vertex-anthropic" : "google-vertex"
    }
}

/// What happens to the upstream request when the caller disconnects.
public enum ClientDisconnect: String, Sendable, CaseIterable {
    /// The gateway cancels it at once.
    case cancel
    /// The gateway reads it to its end, to learn the usage.
    case drain
}

/// How pages display the provider.
public struct DisplayConfiguration: Sendable, Hashable {
    /// Instead of the id.
    public let label: String?
    /// The name of an icon.
    public let iconKey: String?

    init(_ map: MappingReader) {
        label = map.optional("label", .name)
        iconKey = map.optional("icon_key", .id)
    }
}

/// The time limits of a provider's requests, in milliseconds.
public struct TimeoutConfiguration: Sendable, Hashable {
    /// For the connection, with TLS.
    public let connect: Int
    /// For the head of a non-streaming response, which a provider sends when the response is complete.
    public let head: Int
    /// For the head of a stream.
    public let streamHead: Int
    /// From the request to the first content of a stream; nil for no limit.
    public let firstContent: Int?
    /// Between two parts of a body.
    public let idle: Int
    /// For the whole request; nil for no limit, so that a long stream is never cut for its length.
    public let total: Int?

    init(_ map: MappingReader) {
        let range = ScalarKind<Int>.integer(in: 1...86_400_000)
        connect = map.value("connect_ms", range, default: 5000)
        head = map.value("head_ms", range, default: 600_000)
        streamHead = map.value("stream_head_ms", range, default: 300_000)
        firstContent = map.optional("first_content_ms", range)
        idle = map.value("idle_ms", range, default: 300_000)
        total = map.optional("total_ms", range)
    }
}
