public import GatewayCore

/// One entry of `auth.oidc`: an OpenID Connect provider for sign-in.
public struct OIDCProviderConfiguration: Sendable, Hashable {
    /// The name that `users` refer to.
    public let key: String
    /// Its name on the sign-in page.
    public let label: String
    /// The address of its discovery document.
    public let issuer: HTTPAddress
    /// The gateway's client id at the provider.
    public let clientID: String
    /// Nil for a public client, which uses PKCE only.
    public let clientSecret: Secret?
    /// The requested scopes.
    public let scopes: [String]
    /// How unknown persons become users at their first sign-in; nil if they are refused.
    public let justInTime: JustInTimeUsers?

    init(_ map: MappingReader) {
        key = map.required("key", .id) ?? ""
        label = map.value("label", .name, default: key)
        issuer = map.required("issuer", .httpAddress) ?? .standIn
        clientID = map.required("client_id", .text("the client's id at the provider")) ?? ""
        clientSecret = map.optionalSecret("client_secret")
        scopes = map.scalars("scopes", .tag, default: ["openid", "email", "profile"]).map(\.value)
        justInTime = map.optionalSection("just_in_time", JustInTimeUsers.init)
        if !key.isEmpty { map.context.declare(.oidcProvider, key, at: map.place(of: "key")) }
    }
}

/// Users that are created at their first sign-in.
public struct JustInTimeUsers: Sendable, Hashable {
    /// The e-mail domains of the admitted users; at least one, in lower case.
    public let allowedDomains: [String]
    /// Their role in the gateway.
    public let globalRole: GlobalRole
    /// The team they join, if any.
    public let membership: MembershipConfiguration?

    init(_ map: MappingReader) {
        allowedDomains = map.scalars("allowed_domains", .domain).map(\.value)
        globalRole = map.value("global_role", .choice, default: .user)
        membership = map.optionalSection("membership", MembershipConfiguration.init)
        if map.node("allowed_domains") == nil, !map.isPresent("allowed_domains") {
            map.missing("allowed_domains", "a list of e-mail domains")
        } else if case .sequence(let items) = map.node("allowed_domains")?.content, items.isEmpty {
            map.error("allowed_domains", "must have at least one e-mail domain")
        }
    }
}

extension ScalarKind where Value == String {
    fileprivate static var domain: ScalarKind {
        .string("an e-mail domain such as \"example.com\"", show: { $0 }) { text in
            Host(text).map { $0.name.lowercased() }
        }
    }
}
