public import GatewayCore

/// One entry of `users`.
public struct UserConfiguration: Sendable, Hashable {
    /// For people.
    public let name: String
    /// Normalised to lower case.
    public let email: String
    /// How the person signs in.
    public let authMode: AuthMode
    /// A key of `auth.oidc`; present when `authMode` is `oidc`.
    public let oidcProviderKey: String?
    /// What the person may do in the gateway.
    public let globalRole: GlobalRole
    /// Whether content of the person's requests may be kept.
    public let isRequestLoggingEnabled: Bool
    /// The person's team, if any.
    public let membership: MembershipConfiguration?
    /// What the person may spend; nil for no limit.
    public let budget: BudgetConfiguration?
    /// Which models the person's keys may ask for.
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
            map.error("email", "\"\(email)\" is reserved for the bootstrap admin; use the person's own address")
        } else if !email.isEmpty {
            map.context.declare(.user, email, at: map.place(of: "email"))
        }
        if let oidcProviderKey {
            map.context.mention(.oidcProvider, oidcProviderKey, at: map.place(of: "oidc_provider_key"))
        }
    }
}
