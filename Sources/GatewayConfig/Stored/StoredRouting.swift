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
    /// - Throws: every issue, with the ids in its path: `providers[openai].timeouts.idle_ms`.
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
        let context = ReadContext(
            file: "the database", resolver: ReferenceResolver(environment: environment, readFile: readFile)
        ) { file.literals.secret(at: $0) }
        let readProviders = providers.compactMap { provider in
            context.readStored("providers[\(provider.id)]", provider.node, ProviderConfiguration.init)
        }
        let readModels = models.compactMap { model in
            context.readStored("models[\(model.id)]", model.node) {
                ModelConfiguration($0, providers: readProviders)
            }
        }
        guard context.errors.isEmpty else { throw ConfigurationError(context.errors) }
        return StoredRouting(providers: readProviders, models: readModels)
    }
}

extension ReadContext {
    /// Reads the entry at `path`; nil if what is stored is no document, which is an error.
    fileprivate func readStored<Value>(
        _ path: String, _ node: () throws(JSONNodeReader.Failure) -> DocumentNode, _ read: (MappingReader) -> Value
    ) -> Value? {
        let place = Place(position: nil, path: path)
        do {
            let reader = MappingReader(try node(), at: place, context: self)
            let value = read(reader)
            reader.finish()
            return value
        } catch {
            self.error(at: place, error.message)
            return nil
        }
    }
}
