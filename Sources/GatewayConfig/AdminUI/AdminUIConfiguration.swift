public import GatewayCore

/// The `admin_ui` section.
public struct AdminUIConfiguration: Sendable, Hashable {
    /// Whether `/admin` is served at all.
    public let isEnabled: Bool
    /// The UI's own process, where it has one; nil runs it inside the gateway.
    public let upstream: HTTPAddress?
    /// What the two processes know each other by. Present with `upstream`.
    public let token: Secret?

    init(_ map: MappingReader) {
        isEnabled = map.value("enabled", .flag, default: true)
        upstream = map.optional("upstream", .httpAddress)
        token = map.node("upstream") == nil ? map.optionalSecret("token") : map.requiredSecret("token")
    }
}
