public import GatewayConfig
public import GatewayCore
public import Store

/// What `gateway.yaml` wants the database to hold (configuration.md, Ownership and seeding).
public struct Seed: Sendable {
    /// Entries of `teams`.
    public var teams: [TeamDefinition] = []
    /// Entries of `users`.
    public var users: [UserSeed] = []
    /// The budgets of both.
    public var budgets: [BudgetDefinition] = []
    /// Entries of `providers`.
    public var providers: [ProviderDefinition] = []
    /// Entries of `models`.
    public var models: [ModelDefinition] = []
    /// Entries of `auth.seed_api_keys`.
    public var keys: [KeySeed] = []

    /// Nothing.
    public init() {}

    /// What a validated configuration lists.
    public init(_ configuration: GatewayConfiguration) {
        teams = configuration.teams.map {
            TeamDefinition(key: $0.key, name: $0.name, allowedModels: $0.allowedModels)
        }
        users = configuration.users.map(UserSeed.init)
        budgets =
            configuration.teams.compactMap { team in team.budget.map { BudgetDefinition($0, of: .team(team.key)) } }
            + configuration.users.compactMap { user in user.budget.map { BudgetDefinition($0, of: .user(user.email)) } }
        providers = configuration.providers.map(\.definition)
        models = configuration.models.map(\.definition)
        keys = configuration.auth.seedAPIKeys.compactMap(KeySeed.init)
    }
}

/// A person whom the file lists.
public struct UserSeed: Sendable {
    /// What the file says of them.
    public let definition: UserDefinition
    /// The team that the file puts them in; nil leaves their membership as it is.
    public let membership: Membership?

    /// An entry of the list.
    public init(_ definition: UserDefinition, membership: Membership? = nil) {
        self.definition = definition
        self.membership = membership
    }

    init(_ user: UserConfiguration) {
        self.init(
            UserDefinition(
                email: user.email, name: user.name, authMode: user.authMode, oidcProviderKey: user.oidcProviderKey,
                globalRole: user.globalRole, isRequestLoggingEnabled: user.isRequestLoggingEnabled,
                allowedModels: user.allowedModels),
            membership: user.membership.map { Membership(team: $0.team, role: $0.role) })
    }
}

/// An API key that the file lists, with its reference resolved.
public struct KeySeed: Sendable {
    /// What the file calls it; the file's keys are told apart by it.
    public let name: String
    /// The value that the reference stands for.
    public let token: APIKeyToken
    /// Which models it may ask for.
    public let grant: ModelGrant
    /// Whom its use is charged to; `.systemLegacy` where the file names nobody.
    public let owner: KeyOwner

    /// An entry of the list.
    public init(name: String, token: APIKeyToken, grant: ModelGrant, owner: KeyOwner) {
        self.name = name
        self.token = token
        self.grant = grant
        self.owner = owner
    }

    /// Nil for a value that is no token, which validation has refused.
    init?(_ key: SeedAPIKey) {
        guard let token = APIKeyToken(key.value.reveal()) else { return nil }
        self.init(name: key.name, token: token, grant: key.allowedModels, owner: key.owner)
    }
}

extension BudgetDefinition {
    fileprivate init(_ budget: BudgetConfiguration, of scope: BudgetScope) {
        self.init(
            scope: scope, cadence: budget.cadence, amount: budget.amount, isHardLimit: budget.isHardLimit,
            timeZone: budget.timeZone)
    }
}
