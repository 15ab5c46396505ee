import Accounting
public import GatewayConfig

/// The price list, for the checks of a configuration.
///
/// Providers are looked up in the list that the release carries, so that a file is valid whether the gateway has
/// fetched a newer list or not: a gateway that runs must be able to start again with its file.
public struct CataloguePrices: PriceListIndex {
    /// Nil for that of the release, which is read when it is first asked.
    private let current: PriceCatalogue?

    private init(_ current: PriceCatalogue?) {
        self.current = current
    }

    /// Checks by the list that the release carries.
    public static let builtIn = CataloguePrices(nil)

    /// Looks up prices in the list in use.
    init(current: PriceCatalogue) {
        self.init(.some(current))
    }

    private var catalogue: PriceCatalogue { current ?? PriceList.builtIn.catalogue }

    public var isBuiltIn: Bool { current == nil }

    public var providerIDs: [String] { PriceList.builtIn.catalogue.providerIDs }

    public func modelIDs(of provider: String) -> [String] {
        (catalogue.models(of: provider) ?? [:]).filter { $0.value.rates != nil }.keys.sorted()
    }

    public func hasPrice(provider: String, model: String) -> Bool {
        catalogue.entry(provider: provider, model: model)?.entry.rates != nil
    }
}
