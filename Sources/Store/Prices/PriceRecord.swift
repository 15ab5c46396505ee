public import GatewayCore

/// What an upstream model costs from a time on: a row of `model_pricing`.
public struct PriceRecord: Sendable, Hashable {
    public let id: String
    public let price: ListedPrice

    public init(id: String, price: ListedPrice) {
        self.id = id
        self.price = price
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
