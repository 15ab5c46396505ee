public import GatewayCore

/// The `admin_ui` section.
public struct AdminUIConfiguration: Sendable, Hashable {
    /// Whether `/admin` is served at all.
    public let isEnabled: Bool
    /// The address of the UI's own process; nil if the UI runs inside the gateway.
    public let upstream: HTTPAddress?
    /// The secret with which the two processes authenticate each other. Present with `upstream`.
    public let token: Secret?

    init(_ map: MappingReader) {
        isEnabled = map.value("enabled", .flag, default: true)
        upstream = map.optional("upstream", .httpAddress)
        token = map.node("upstream") == nil ? map.optionalSecret("token") : map.requiredSecret("token")
    }
}
