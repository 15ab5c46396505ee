import Accounting
public import GatewayConfig
public import GatewayCore
import Store

/// What every route costs: its own price, else that of the price list.
public struct RoutePrices: Sendable {
    private struct Key: Hashable {
        let provider: String
        let model: String
    }

    private let providers: [String: ProviderConfiguration]
    private let prices: [Key: RoutePrice]

    /// - Parameters:
    ///   - records: the prices in effect.
    ///   - catalogue: the limits of the models.
    init(_ routing: StoredRouting, records: [PriceRecord], catalogue: PriceCatalogue) {
        let prices = records.map { record in
            let limits = catalogue.entry(provider: record.price.provider, model: record.price.model)?.entry
            return (
                Key(provider: record.price.provider, model: record.price.model),
                RoutePrice(
                    .rates(record.price.rates), pricingID: record.id, provenance: record.price.provenance,
                    contextTokens: limits?.contextTokens, outputTokens: limits?.outputTokens)
            )
        }
        providers = routing.providersByID
        self.prices = Dictionary(prices, uniquingKeysWith: { first, _ in first })
    }

    /// The price of a route.
    public func price(of route: RouteConfiguration) -> RoutePrice {
        let price: RoutePrice =
            switch route.pricing {
            case .free: .free
            case .rates(let rates): RoutePrice(.rates(RateCard(base: rates)), isOwn: true, provenance: "route")
            case nil: listedPrice(of: route)
            }
        return price.limited(
            contextTokens: route.limits.contextTokens.map(Int64.init),
            outputTokens: route.limits.outputTokens.map(Int64.init))
    }

    private func listedPrice(of route: RouteConfiguration) -> RoutePrice {
        guard let provider = providers[route.provider]?.pricingProvider(of: route.upstreamModel),
            let price = prices[Key(provider: provider, model: route.upstreamModel)]
        else { return .unknown }
        if route.changesServiceTier { return RoutePrice(.unpriced(.billingModifier("extra_body.service_tier"))) }
        return price
    }
}

extension StoredRouting {
    fileprivate var providersByID: [String: ProviderConfiguration] {
        Dictionary(providers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a route has its price from the list.
    var usesPriceList: Bool {
        let providers = providersByID
        return models.flatMap(\.routes).contains { route in
            route.pricing == nil && providers[route.provider]?.pricingProvider(of: route.upstreamModel) != nil
        }
    }

    /// The upstream models whose price is looked up in the price list.
    func listedPrices(in catalogue: PriceCatalogue, source: String) -> [ListedPrice] {
        let providers = providersByID
        var seen: Set<String> = []
        return models.flatMap(\.routes).compactMap { route in
            guard route.pricing == nil,
                let provider = providers[route.provider]?.pricingProvider(of: route.upstreamModel),
                seen.insert("\(provider)\n\(route.upstreamModel)").inserted,
                let rates = catalogue.entry(provider: provider, model: route.upstreamModel)?.entry.rates
            else { return nil }
            return ListedPrice(provider: provider, model: route.upstreamModel, rates: rates, provenance: source)
        }
    }
}

extension RouteConfiguration {
    /// Whether the operator adds a tier to every request, which has prices of its own.
    fileprivate var changesServiceTier: Bool {
        guard case .object(let members) = extraBody else { return false }
        return members.contains { $0.name == "service_tier" && $0.value != .string("default") }
    }
}
