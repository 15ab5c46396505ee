/// The whole of `gateway.yaml`: validated, with every default filled in and every reference resolved.
public struct GatewayConfiguration: Sendable {
    public let server: ServerConfiguration
    public let database: DatabaseConfiguration
    public let auth: AuthConfiguration
    public let accounting: AccountingConfiguration
    public let routing: RoutingConfiguration
    public let budgetAlerts: BudgetAlertsConfiguration
    public let requestLogging: RequestLoggingConfiguration
    public let adminUI: AdminUIConfiguration
    public let providers: [ProviderConfiguration]
    public let models: [ModelConfiguration]
    public let teams: [TeamConfiguration]
    public let users: [UserConfiguration]
    /// SHA-256 of the document's text, in hexadecimal digits: tells replicas with different files apart.
    public let hash: String
    private let effective: EffectiveValue

    /// The configuration as it takes effect, as YAML: defaults filled in, secrets as their references.
    ///
    /// Read again it gives the same configuration, apart from `literal.` secrets and plain header values, which are masked.
    public func rendered() -> String {
        effective.yaml
    }

    init(_ map: MappingReader, hash: String) {
        database = map.section("database", DatabaseConfiguration.init)
        let path = database.localPath
        let server = map.section("server") { ServerConfiguration($0, databasePath: path) }
        self.server = server
        let isLocal = database.isLocal && server.bind.isLoopback
        auth = map.section("auth") { AuthConfiguration($0, allowsShortSecrets: isLocal) }
        accounting = map.section("accounting") { AccountingConfiguration($0, databasePath: path) }
        routing = map.section("routing", RoutingConfiguration.init)
        budgetAlerts = map.section("budget_alerts", BudgetAlertsConfiguration.init)
        requestLogging = map.section("request_logging", RequestLoggingConfiguration.init)
        adminUI = map.section("admin_ui", AdminUIConfiguration.init)
        let providers = map.list("providers", ProviderConfiguration.init)
        self.providers = providers.map(\.value)
        let models = map.list("models") { ModelConfiguration($0, providers: providers.map(\.value)) }
        self.models = models.map(\.value)
        teams = map.list("teams", TeamConfiguration.init).map(\.value)
        users = map.list("users", UserConfiguration.init).map(\.value)
        map.finish()
        map.context.checkMentions()
        ModelRules.checkCycles(models, in: map.context)
        ModelRules.checkPricing(models, of: providers, in: map.context)
        self.hash = hash
        effective = .mapping(map.effective)
    }
}
