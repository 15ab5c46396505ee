public import GatewayCore

/// The providers and models of a running gateway, read from the database.
public struct StoredRouting: Sendable {
    /// By id.
    public let providers: [ProviderConfiguration]
    /// By id.
    public let models: [ModelConfiguration]

    /// No providers and no models: the state before the first read.
    public static let empty = StoredRouting(providers: [], models: [])

    private init(providers: [ProviderConfiguration], models: [ModelConfiguration]) {
        self.providers = providers
        self.models = models
    }

    /// Reads the definitions that `ProviderConfiguration.definition` and `ModelConfiguration.definition` wrote, and
    /// resolves their references again.
    ///
    /// Their targets need not exist: a route whose provider no longer exists is unavailable.
    /// - Parameters:
    ///   - file: this gateway's own file, whose `literal.` secrets are not stored; a literal that only another
    ///     gateway's file has makes its provider unavailable here.
    ///   - environment: the environment at the start of the process.
    public static func read(
        providers: [ProviderDefinition], models: [ModelDefinition], file: GatewayConfiguration,
        environment: [String: String]
    ) throws(ConfigurationError) -> StoredRouting {
        try read(providers: providers, models: models, file: file, environment: environment) { path in
            try FileText.read(path, maxBytes: 1 << 16)
        }
    }

    /// The same, with another source of files.
    static func read(
        providers: [ProviderDefinition], models: [ModelDefinition], file: GatewayConfiguration,
        environment: [String: String], readFile: @escaping (String) throws -> String
    ) throws(ConfigurationError) -> StoredRouting {
        let text =
            #"{"providers":[\#(providers.map(\.document).joined(separator: ","))],"#
            + #""models":[\#(models.map(\.document).joined(separator: ","))]}"#
        let document = try DocumentLoader.load(text, file: "the database")
        let (providerIDs, modelIDs) = (providers.map(\.id), models.map(\.id))
        let context = ReadContext(
            file: "the database", resolver: ReferenceResolver(environment: environment, readFile: readFile)
        ) { path in
            file.literals.secret(at: path, providers: providerIDs, models: modelIDs)
        }
        let root = MappingReader(document, at: Place(position: document.position, path: ""), context: context)
        let readProviders = root.list("providers", ProviderConfiguration.init).map(\.value)
        let readModels = root.list("models") { ModelConfiguration($0, providers: readProviders) }.map(\.value)
        guard context.errors.isEmpty else { throw ConfigurationError(context.errors) }
        return StoredRouting(providers: readProviders, models: readModels)
    }
}

extension ProviderDefinition {
    fileprivate var document: String {
        settings.with([("id", .string(id))])
    }
}

extension ModelDefinition {
    fileprivate var document: String {
        var members: [(String, JSONValue)] = [
            ("id", .string(id)), ("rank", .number("\(rank)")), ("tags", .array(tags.sorted().map(JSONValue.string))),
        ]
        if let description { members.append(("description", .string(description))) }
        if let aliasOf { return "{}".with(members + [("alias_of", .string(aliasOf))]) }
        return #"{"routes":[\#(routes.map(\.document).joined(separator: ","))]}"#.with(members)
    }
}

extension RouteDefinition {
    fileprivate var document: String {
        options.with([
            ("provider", .string(provider)), ("upstream_model", .string(upstreamModel)),
            ("priority", .number("\(priority)")), ("weight", .number("\(weight)")), ("enabled", .boolean(isEnabled)),
        ])
    }
}

extension String {
    /// This JSON object with `members` before its own.
    fileprivate func with(_ members: [(name: String, value: JSONValue)]) -> String {
        let own = dropFirst().dropLast()
        let texts =
            members.map { "\(JSONValue.string($0.name).text):\($0.value.text)" } + (own.isEmpty ? [] : [String(own)])
        return "{\(texts.joined(separator: ","))}"
    }
}
