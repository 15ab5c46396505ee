public import GatewayCore

/// What the manager of a person says of them.
public struct UserDefinition: Sendable, Hashable {
    /// Normalised; what everything refers to them by. It does not change.
    public let email: String
    /// For people.
    public let name: String
    /// How they sign in.
    public let authMode: AuthMode
    /// The key of an OpenID provider; present when `authMode` is `oidc`.
    public let oidcProviderKey: String?
    /// What they may do in the gateway.
    public let globalRole: GlobalRole
    /// Whether content of their requests may be kept.
    public let isRequestLoggingEnabled: Bool
    /// Which models their keys may ask for.
    public let allowedModels: ModelGrant

    /// A person with all that is said of them.
    public init(
        email: String, name: String, authMode: AuthMode, oidcProviderKey: String?, globalRole: GlobalRole,
        isRequestLoggingEnabled: Bool, allowedModels: ModelGrant
    ) {
        self.email = email
        self.name = name
        self.authMode = authMode
        self.oidcProviderKey = oidcProviderKey
        self.globalRole = globalRole
        self.isRequestLoggingEnabled = isRequestLoggingEnabled
        self.allowedModels = allowedModels
    }
}

/// A person's place in a team.
public struct Membership: Sendable, Hashable {
    /// The team's key.
    public let team: String
    public let role: TeamRole

    public init(team: String, role: TeamRole) {
        self.team = team
        self.role = role
    }
}

/// A stored person.
public struct UserRecord: Sendable, Hashable {
    public let id: String
    public let definition: UserDefinition
    public let status: UserStatus
    /// The first administrator, who is no part of user management.
    public let isBootstrap: Bool
    /// The team that they are in, if any.
    public let membership: Membership?
    /// Who may change them.
    public let managedBy: ManagedBy
    /// Rises with every change of what is said of them, and of their membership.
    public let version: Int64
}

/// A person as the audit trail shows them.
struct UserAuditState: Encodable {
    let email: String
    let name: String
    let status: String
    let authMode: String
    let oidcProviderKey: String?
    let globalRole: String
    let requestLogging: Bool
    /// Nil means all models.
    let models: [String]?
    let team: String?
    let teamRole: String?
    let managedBy: String

    init(_ user: UserRecord) {
        email = user.definition.email
        name = user.definition.name
        status = user.status.rawValue
        authMode = user.definition.authMode.rawValue
        oidcProviderKey = user.definition.oidcProviderKey
        globalRole = user.definition.globalRole.rawValue
        requestLogging = user.definition.isRequestLoggingEnabled
        models = user.definition.allowedModels.audited
        team = user.membership?.team
        teamRole = user.membership?.role.rawValue
        managedBy = user.managedBy.rawValue
    }
}
