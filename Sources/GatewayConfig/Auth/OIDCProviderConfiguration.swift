public import GatewayCore

/// One entry of `auth.oidc`: an OpenID Connect provider that people sign in with.
public struct OIDCProviderConfiguration: Sendable, Hashable {
    /// What `users` refer to it by.
    public let key: String
    /// What the sign-in page calls it.
    public let label: String
    /// Where its discovery document is.
    public let issuer: HTTPAddress
    /// The gateway's id there.
    public let clientID: String
    /// Nil for a public client, which has PKCE alone.
    public let clientSecret: Secret?
    /// What is asked for.
    public let scopes: [String]
    /// How unknown people who sign in become users; nil if they do not.
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

/// Users made at their first sign-in.
public struct JustInTimeUsers: Sendable, Hashable {
    /// The e-mail domains whose people are let in; at least one, in lower case.
    public let allowedDomains: [String]
    /// What they may do.
    public let globalRole: GlobalRole
    /// The team they join, if any.
    public let membership: MembershipConfiguration?

    init(_ map: MappingReader) {
        allowedDomains = map.scalars("allowed_domains", .domain).map(\.value)
        globalRole = map.value("global_role", .choice, default: .user)
        membership = map.optionalSection("membership", MembershipConfiguration.init)
        if map.node("allowed_domains") == nil { map.missing("allowed_domains", "a list of e-mail domains") }
    }
}

extension ScalarKind where Value == String {
    fileprivate static var domain: ScalarKind {
        .string("an e-mail domain such as \"example.com\"", show: { $0 }) { text in
            Host(text).map { $0.name.lowercased() }
        }
    }
}
