public import GatewayCore

/// `auth.bootstrap_admin`: the first administrator, created while no administrator exists.
public struct BootstrapAdminConfiguration: Sendable, Hashable {
    /// Whether to create it.
    public let isEnabled: Bool
    /// The e-mail with which the administrator signs in.
    public let email: String
    /// Present when enabled. The reference of a disabled one is not resolved, so its variable need not be set.
    public let password: Secret?
    /// Whether the administrator must change the password first.
    public let requiresPasswordChange: Bool

    init(_ map: MappingReader) {
        isEnabled = map.value("enabled", .flag, default: false)
        email = map.value("email", .email, default: ReservedNames.email)
        if isEnabled {
            password = map.requiredSecret("password")
        } else {
            map.ignoredSecret("password")
            password = nil
        }
        requiresPasswordChange = map.value("require_password_change", .flag, default: true)
    }
}
