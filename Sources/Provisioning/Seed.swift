public import GatewayConfig
public import GatewayCore
public import Store

/// What `gateway.yaml` wants in the database (configuration.md, Ownership and seeding).
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

    /// How long a replaced value of a key stays valid, in microseconds.
    public var keyOverlap: Int64 = 0
    /// `auth.seed_generation`: a file with a lower one than the last seeding, or with none after one that has
    /// one, writes nothing.
    public var generation: Int64?

    /// An empty list.
    public init() {}

    /// The entries of a validated configuration.
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
        keyOverlap = Int64(configuration.auth.seedKeyOverlapSeconds) * 1_000_000
        generation = configuration.auth.seedGeneration.map(Int64.init)
    }
}

/// A user that the file lists.
public struct UserSeed: Sendable {
    /// The user as the file defines it.
    public let definition: UserDefinition
    /// The membership that the file lists; nil leaves the user's membership as it is.
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
    /// The name in the file, which identifies the key there.
    public let name: String
    /// The resolved value.
    public let token: APIKeyToken
    /// The models that it may use.
    public let grant: ModelGrant
    /// The owner, who is charged for its use; `.systemLegacy` if the file names none.
    public let owner: KeyOwner

    /// An entry of the list.
    public init(name: String, token: APIKeyToken, grant: ModelGrant, owner: KeyOwner) {
        self.name = name
        self.token = token
        self.grant = grant
        self.owner = owner
    }

    /// Nil for a value that is not a token, which validation has refused.
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
