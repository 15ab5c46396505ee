public import GatewayCore

/// One entry of `providers`.
public struct ProviderConfiguration: Sendable, Hashable {
    /// What routes refer to it by.
    public let id: String
    /// The adapter and its settings.
    public let kind: ProviderKind
    /// Which provider's prices of the catalogue apply; nil where each route has its own.
    public let pricingProviderID: String?
    /// Added to every request to it.
    public let defaultHeaders: [HeaderConfiguration]
    /// How long to wait for it.
    public let timeouts: TimeoutConfiguration
    /// What happens to its request when the caller has gone.
    public let onClientDisconnect: ClientDisconnect
    /// How pages show it.
    public let display: DisplayConfiguration
    /// Whether the provider is sent the request's `traceparent`.
    public let propagatesTrace: Bool
    /// Why no route of this provider can be used until a reload: a credential or header whose reference has no value.
    public let unavailableReason: String?
    /// The entry as it is stored: secrets as their references.
    public let definition: ProviderDefinition

    init(_ map: MappingReader) {
        id = map.required("id", .id) ?? ""
        if !id.isEmpty { map.context.declare(.provider, id, at: map.place(of: "id")) }
        kind = ProviderKind(map)
        pricingProviderID = map.optional("pricing_provider_id", .id)
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
                "\(reason); the provider's routes are unavailable until that is mended")
        }
    }
}

/// What happens to the upstream request when the caller has gone.
public enum ClientDisconnect: String, Sendable, CaseIterable {
    /// It is cancelled at once.
    case cancel
    /// It is read to its end, to learn the usage.
    case drain
}

/// How pages show the provider.
public struct DisplayConfiguration: Sendable, Hashable {
    /// Instead of the id.
    public let label: String?
    /// Names an icon of the pages.
    public let iconKey: String?

    init(_ map: MappingReader) {
        label = map.optional("label", .name)
        iconKey = map.optional("icon_key", .id)
    }
}

/// How long to wait for a provider, in milliseconds.
public struct TimeoutConfiguration: Sendable, Hashable {
    /// For the connection, with TLS.
    public let connect: Int
    /// For the head of a whole answer, which comes when the answer is complete.
    public let head: Int
    /// For the head of a stream.
    public let streamHead: Int
    /// Between two parts of a body.
    public let idle: Int
    /// For everything; nil for no limit, so that no long stream is cut for its length.
    public let total: Int?

    init(_ map: MappingReader) {
        let range = ScalarKind<Int>.integer(in: 1...86_400_000)
        connect = map.value("connect_ms", range, default: 5000)
        head = map.value("head_ms", range, default: 600_000)
        streamHead = map.value("stream_head_ms", range, default: 120_000)
        idle = map.value("idle_ms", range, default: 60_000)
        total = map.optional("total_ms", range)
    }
}
