/// The whole of `gateway.yaml`: validated, with every default filled in and every reference resolved.
public struct GatewayConfiguration: Sendable {
    /// The listener and its process.
    public let server: ServerConfiguration
    /// The database.
    public let database: DatabaseConfiguration
    /// Keys, administrators and sign-in.
    public let auth: AuthConfiguration
    /// Pricing, holds and the journal.
    public let accounting: AccountingConfiguration
    /// Attempts and their limits.
    public let routing: RoutingConfiguration
    /// The way to the providers.
    public let egress: EgressConfiguration
    /// Who is alerted when a budget runs low.
    public let budgetAlerts: BudgetAlertsConfiguration
    /// What the request log keeps, and for how long.
    public let requestLogging: RequestLoggingConfiguration
    /// The pages for administrators.
    public let adminUI: AdminUIConfiguration
    /// In the order of the document; ids are unique.
    public let providers: [ProviderConfiguration]
    /// In the order of the document; ids are unique, and the targets of all routes and aliases exist.
    public let models: [ModelConfiguration]
    /// In the order of the document; keys are unique.
    public let teams: [TeamConfiguration]
    /// In the order of the document; e-mails are unique.
    public let users: [UserConfiguration]
    /// SHA-256 of the document's text, in hexadecimal digits: it differs between replicas with different files.
    public let hash: String
    /// The references of providers and models, with their values.
    public let references: OwnReferences
    private let effective: EffectiveValue

    /// The configuration as it takes effect, as YAML: defaults filled in, secrets as their references.
    ///
    /// Reading it gives the same configuration, apart from `literal.` secrets and plain header values, which are
    /// masked.
    public func rendered() -> String {
        effective.yaml
    }

    /// The settings that differ from `other`'s and that are not written into the database: a running gateway uses them
    /// only after its next start. By path, such as `server` or `auth.session`.
    public func settingsThatDiffer(from other: GatewayConfiguration) -> [String] {
        let seeded: Set<String> = ["providers", "models", "teams", "users", "auth.seed_api_keys"]
        let (mine, others) = (effective.settings, other.effective.settings)
        return Set(mine.keys).union(others.keys).subtracting(seeded).filter { mine[$0] != others[$0] }.sorted()
    }

    init(_ map: MappingReader, hash: String, prices: (any PriceListIndex)?) {
        database = map.section("database", DatabaseConfiguration.init)
        let path = database.localPath
        let server = map.section("server") { ServerConfiguration($0, databasePath: path) }
        self.server = server
        let isLocal = database.isLocal && server.bind.isLoopback
        auth = map.section("auth") { AuthConfiguration($0, allowsShortSecrets: isLocal) }
        accounting = map.section("accounting") { AccountingConfiguration($0, databasePath: path) }
        let isReplaced = accounting.catalog.url != .priceCatalog
        map.context.prices = prices.map { PriceListCheck(index: $0, isReplaced: isReplaced) }
        routing = map.section("routing", RoutingConfiguration.init)
        egress = map.section("egress", EgressConfiguration.init)
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
        ModelRules.checkCircles(models, in: map.context)
        ModelRules.checkPricing(models, of: providers, in: map.context)
        self.hash = hash
        references = OwnReferences(
            map.context.secrets, providers: self.providers.map(\.id), models: self.models.map(\.id))
        effective = .mapping(map.effective)
    }
}

extension EffectiveValue {
    /// The sections by name; each section of `auth` is separate.
    fileprivate var settings: [String: EffectiveValue] {
        guard case .mapping(let sections) = self else { return [:] }
        var settings: [String: EffectiveValue] = [:]
        for section in sections {
            if section.key == "auth", case .mapping(let parts) = section.value {
                for part in parts { settings["auth.\(part.key)"] = part.value }
            } else {
                settings[section.key] = section.value
            }
        }
        return settings
    }
}
