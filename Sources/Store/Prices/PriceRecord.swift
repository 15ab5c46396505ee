public import GatewayCore

/// What an upstream model costs from a time on: a row of `model_pricing`.
public struct PriceRecord: Sendable, Hashable {
    public let id: String
    public let price: ListedPrice
    /// Microseconds since 1970 UTC.
    public let effectiveFrom: Int64

    public init(id: String, price: ListedPrice, effectiveFrom: Int64) {
        self.id = id
        self.price = price
        self.effectiveFrom = effectiveFrom
    }
}

/// The price of an upstream model in a price list.
public struct ListedPrice: Sendable, Hashable {
    /// The provider's id in the price list.
    public let provider: String
    /// The model's name at the provider, as routes write it.
    public let model: String
    public let rates: RateCard
    /// The list and its date, such as `models.dev 2026-05-21`. It ends with the date, so that later is greater.
    public let provenance: String

    public init(provider: String, model: String, rates: RateCard, provenance: String) {
        self.provider = provider
        self.model = model
        self.rates = rates
        self.provenance = provenance
    }

    /// The date of the list, `YYYY-MM-DD`.
    var date: Substring { provenance.suffix(10) }
}

extension [ListedPrice] {
    /// Those that would replace a price in effect, or are of a model without one. What an older list says replaces
    /// nothing, so that gateways of two releases do not take turns.
    public func changes(from current: [PriceRecord]) -> [ListedPrice] {
        let prices = Dictionary(current.map { (Key($0.price), $0.price) }, uniquingKeysWith: { first, _ in first })
        return filter { new in
            guard let old = prices[Key(new)] else { return true }
            return old.rates != new.rates && old.date <= new.date
        }
    }

    private struct Key: Hashable {
        let provider: String
        let model: String

        init(_ price: ListedPrice) {
            provider = price.provider
            model = price.model
        }
    }
}
