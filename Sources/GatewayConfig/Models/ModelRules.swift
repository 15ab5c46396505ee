/// The rules that need models and providers together.
enum ModelRules {
    /// An alias chain must end at a model with routes.
    static func checkCycles(_ models: [Located<ModelConfiguration>], in context: ReadContext) {
        let targets = Dictionary(models.map { ($0.value.id, $0.value.aliasOf) }) { first, _ in first }
        for model in models where !model.value.id.isEmpty {
            var chain = [model.value.id]
            while let next = targets[chain[chain.count - 1], default: nil], next != model.value.id,
                !chain.contains(next)
            {
                chain.append(next)
            }
            guard targets[chain[chain.count - 1], default: nil] == model.value.id else { continue }
            let circle = (chain + [model.value.id]).joined(separator: " → ")
            let place = Place(position: model.place.position, path: "\(model.place.path).alias_of")
            context.error(at: place, "aliases go in a circle: \(circle)")
        }
    }

    /// A price must be findable for every route of an OpenAI-compatible provider.
    static func checkPricing(
        _ models: [Located<ModelConfiguration>], of providers: [Located<ProviderConfiguration>], in context: ReadContext
    ) {
        for provider in providers {
            guard case .openAICompatible = provider.value.kind, provider.value.pricingProviderID == nil else {
                continue
            }
            let unpriced = models.first { model in
                model.value.routes.contains { $0.provider == provider.value.id && $0.pricing == nil }
            }
            guard let unpriced else { continue }
            context.error(
                at: provider.place,
                "needs a pricing_provider_id of the price catalogue, such as openai, or a `pricing` in each of its routes; "
                    + "the model \"\(unpriced.value.id)\" has a route without one")
        }
    }
}
