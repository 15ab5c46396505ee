public import GatewayCore

/// The `egress` section: the way to the providers.
public struct EgressConfiguration: Sendable, Hashable {
    /// The HTTP proxy through which providers are reached, with `CONNECT`; nil for the direct way.
    public let proxy: HTTPAddress?
    /// `user:password` for the proxy (RFC 7617), if it wants them.
    public let credentials: Secret?
    /// The hosts that are reached directly nevertheless: names, `.domains` with all names under them, addresses and
    /// ranges.
    public let noProxy: [String]

    init(_ map: MappingReader) {
        proxy = map.optional("proxy", .proxyAddress)
        credentials = map.optionalSecret("credentials")
        noProxy = map.scalars("no_proxy", .directHost).map(\.value)
        if proxy == nil, map.node("credentials") != nil || map.node("no_proxy") != nil {
            map.context.warning(at: map.place, "has no effect without `proxy`")
        }
        if let credentials, !credentials.reveal().utf8.contains(UInt8(ascii: ":")) || !credentials.isHeaderText {
            map.error("credentials", "the value must be user:password on one line, without control characters")
        }
        warnAboutEnvironment(map)
    }

    /// Whether `noProxy` names `host`. A name stands for itself and every name under it, a domain with a leading dot
    /// for the names under it only.
    /// - Parameter host: a name or an address, without brackets.
    public func reachesDirectly(_ host: String) -> Bool {
        let host = host.lowercased()
        let address = IPNetwork(host)
        return noProxy.contains { entry in
            if let network = IPNetwork(entry) { return address.map(network.contains) ?? false }
            let domain = entry.hasPrefix(".") ? entry : ".\(entry)"
            return host == entry || host.hasSuffix(domain) && address == nil
        }
    }

    /// Other programs take their proxy from the environment. This one does not, and says so instead of failing to
    /// connect without a word.
    private func warnAboutEnvironment(_ map: MappingReader) {
        guard proxy == nil, map.node("proxy") == nil else { return }
        let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        let environment = map.context.environment
        guard let name = names.first(where: { environment[$0]?.isEmpty == false }) else { return }
        map.context.warning(
            at: map.place,
            "\(name) is set, but providers are reached directly: the gateway uses a proxy only if `egress.proxy` names it"
        )
    }
}

extension Secret {
    fileprivate var isHeaderText: Bool { HeaderRules.isValue(reveal()) }
}

extension ScalarKind where Value == HTTPAddress {
    fileprivate static var proxyAddress: ScalarKind {
        .string(
            "the http address of a proxy such as \"http://proxy.example:3128\", without a path; user and password belong "
                + "in egress.credentials",
            show: \.description
        ) { text in
            HTTPAddress(text).flatMap { $0.scheme == .http && $0.pathPrefix.isEmpty ? $0 : nil }
        }
    }
}

extension ScalarKind where Value == String {
    fileprivate static var directHost: ScalarKind {
        .string(
            "a host name, a domain such as \".internal\", an IP address or a range such as \"10.0.0.0/8\"", show: { $0 }
        ) { text in
            let name = text.lowercased()
            return Host(name) != nil || IPNetwork(name) != nil ? name : nil
        }
    }
}
