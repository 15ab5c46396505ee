public import GatewayCore

/// One entry of `users`.
public struct UserConfiguration: Sendable, Hashable {
    /// A name for display.
    public let name: String
    /// Normalised to lower case.
    public let email: String
    /// How the user signs in.
    public let authMode: AuthMode
    /// A key of `auth.oidc`; present when `authMode` is `oidc`.
    public let oidcProviderKey: String?
    /// The user's role in the gateway.
    public let globalRole: GlobalRole
    /// Whether the request log may keep the content of the user's requests.
    public let isRequestLoggingEnabled: Bool
    /// The user's team, if any.
    public let membership: MembershipConfiguration?
    /// The user's budget; nil for no limit.
    public let budget: BudgetConfiguration?
    /// The models that the user's keys may use.
    public let allowedModels: ModelGrant

    init(_ map: MappingReader) {
        name = map.required("name", .name) ?? ""
        email = map.required("email", .email) ?? ""
        authMode = map.value("auth_mode", .choice, default: .password)
        oidcProviderKey =
            authMode == .oidc ? map.required("oidc_provider_key", .id) : map.optional("oidc_provider_key", .id)
        globalRole = map.value("global_role", .choice, default: .user)
        isRequestLoggingEnabled = map.value("request_logging_enabled", .flag, default: true)
        membership = map.optionalSection("membership", MembershipConfiguration.init)
        budget = map.optionalSection("budget", BudgetConfiguration.init)
        allowedModels = map.modelGrant("allowed_models")
        check(map)
    }

    private func check(_ map: MappingReader) {
        if email == ReservedNames.email {
            map.error("email", "\"\(email)\" is reserved for the bootstrap administrator; use the user's own address")
        } else if !email.isEmpty {
            map.context.declare(.user, email, at: map.place(of: "email"))
        }
        if let oidcProviderKey {
            map.context.mention(.oidcProvider, oidcProviderKey, at: map.place(of: "oidc_provider_key"))
        }
    }
}
