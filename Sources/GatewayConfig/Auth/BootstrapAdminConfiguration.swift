public import GatewayCore

/// `auth.bootstrap_admin`: the first administrator, made when there is none.
public struct BootstrapAdminConfiguration: Sendable, Hashable {
    /// Whether one is made when there is no administrator.
    public let isEnabled: Bool
    /// What the administrator signs in with.
    public let email: String
    /// Present when enabled. A disabled one's reference is not resolved, so that its variable need not be set.
    public let password: Secret?
    /// Whether nothing else works until the password has been changed.
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
