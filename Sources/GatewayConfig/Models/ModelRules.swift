/// The rules that concern both models and providers.
enum ModelRules {
    /// An alias chain must end at a model with routes. Each cycle is reported once, at one of its members.
    static func checkCircles(_ models: [Located<ModelConfiguration>], in context: ReadContext) {
        let aliases = models.filter { $0.value.aliasOf?.isEmpty == false && !$0.value.id.isEmpty }
        let byID = Dictionary(aliases.map { ($0.value.id, $0) }) { first, _ in first }
        var seen: Set<String> = []
        for alias in aliases {
            var chain: [String] = []
            var next = alias.value.id
            while let current = byID[next], seen.insert(next).inserted {
                chain.append(next)
                next = current.value.aliasOf ?? ""
            }
            guard let start = chain.firstIndex(of: next), let member = byID[next] else { continue }
            let circle = (chain[start...] + [next]).joined(separator: " → ")
            let place = Place(position: member.place.position, path: "\(member.place.path).alias_of")
            context.error(at: place, "aliases form a cycle: \(circle)")
        }
    }

    /// Every route of an OpenAI-compatible provider needs a price.
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
                "needs a pricing_provider_id of the price catalogue, such as openai, or a `pricing` in each of its "
                    + "routes; the model \"\(unpriced.value.id)\" has a route without one")
        }
    }
}
