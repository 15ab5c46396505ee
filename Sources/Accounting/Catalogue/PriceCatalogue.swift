public import GatewayCore

/// The public price list: what each upstream model of each provider costs, and how many tokens it takes.
public struct PriceCatalogue: Sendable, Hashable {
    /// A model of the list.
    public struct Entry: Sendable, Hashable {
        /// Nil if the list has no price. A price of zero counts as none: free plans and missing prices look the same,
        /// and only a route's own `pricing: free` makes something free.
        public let rates: RateCard?
        /// The tokens of input and output together; nil if the list does not say.
        public let contextTokens: Int64?
        /// The tokens of one answer; nil if the list does not say.
        public let outputTokens: Int64?

        public init(rates: RateCard?, contextTokens: Int64? = nil, outputTokens: Int64? = nil) {
            self.rates = rates
            self.contextTokens = contextTokens
            self.outputTokens = outputTokens
        }
    }

    private let providers: [String: [String: Entry]]

    /// - Parameter providers: by `pricing_provider_id`, then by the model's id at the provider.
    public init(_ providers: [String: [String: Entry]]) {
        self.providers = providers
    }

    /// The ids that `pricing_provider_id` can have, sorted.
    public var providerIDs: [String] { providers.keys.sorted() }

    /// The models of a provider by id; nil if the list does not have the provider.
    public func models(of provider: String) -> [String: Entry]? {
        providers[provider]
    }

    /// How many models have a price.
    public var pricedModels: Int {
        providers.values.reduce(0) { sum, models in sum + models.values.count { $0.rates != nil } }
    }

    /// The prices by `provider/model`.
    var prices: [String: RateCard] {
        providers.reduce(into: [:]) { prices, provider in
            for (model, entry) in provider.value { prices["\(provider.key)/\(model)"] = entry.rates }
        }
    }

    /// The entry for an upstream model, and the id under which the list has it.
    ///
    /// A model is looked up by its exact id, then by what `ModelIDNormalization` makes of it.
    public func entry(provider: String, model: String) -> (id: String, entry: Entry)? {
        guard let models = providers[provider] else { return nil }
        for id in ModelIDNormalization.candidates(for: model) {
            if let entry = models[id] { return (id, entry) }
        }
        return nil
    }
}
