public import GatewayCore

/// The providers and models of a running gateway, read from the database.
public struct StoredRouting: Sendable {
    /// By id.
    public let providers: [ProviderConfiguration]
    /// By id.
    public let models: [ModelConfiguration]
    /// Why entries could not be read; they are left out. The path of an issue begins with the id:
    /// `providers[openai].timeouts.idle_ms`.
    public let issues: [ConfigurationIssue]

    /// Reads the definitions that `ProviderConfiguration.definition` and `ModelConfiguration.definition` wrote.
    ///
    /// Their targets need not exist: a route whose provider no longer exists is unavailable. So is a provider or route
    /// with secrets that `file` does not have in the same place, or that it sends elsewhere. Reads no file.
    /// - Parameters:
    ///   - file: this gateway's own file.
    ///   - references: those of `file`.
    public static func read(
        providers: [ProviderDefinition], models: [ModelDefinition], file: GatewayConfiguration,
        references: OwnReferences
    ) -> StoredRouting {
        let context = ReadContext(file: "the database", source: .stored(references))
        let ownProviders = Dictionary(file.providers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let ownModels = Dictionary(file.models.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let readProviders = providers.compactMap { provider in
            context.readStored("providers[\(provider.id)]", provider.node, ProviderConfiguration.init)?
                .trusted(by: ownProviders[provider.id])
        }
        let destinations = Set(
            readProviders.filter { $0.kind.destination == ownProviders[$0.id]?.kind.destination }.map(\.id))
        let readModels = models.compactMap { model in
            context.readStored("models[\(model.id)]", model.node) {
                ModelConfiguration($0, providers: readProviders)
            }?.trusted(by: ownModels[model.id], destinations: destinations)
        }
        return StoredRouting(providers: readProviders, models: readModels, issues: context.errors)
    }
}

extension ReadContext {
    /// Reads the entry at `path`; nil after an error.
    fileprivate func readStored<Value>(
        _ path: String, _ node: () throws(JSONNodeReader.Failure) -> DocumentNode, _ read: (MappingReader) -> Value
    ) -> Value? {
        let place = Place(position: nil, path: path)
        let before = errors.count
        do {
            let reader = MappingReader(try node(), at: place, context: self)
            let value = read(reader)
            reader.finish()
            return errors.count == before ? value : nil
        } catch {
            self.error(at: place, error.message)
            return nil
        }
    }
}
