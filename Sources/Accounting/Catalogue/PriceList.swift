/// A price list, and where it is from.
public struct PriceList: Sendable {
    public let catalogue: PriceCatalogue
    /// The source and the date of the list, such as `models.dev 2026-05-21`. It ends with the date.
    public let source: String

    public init(_ catalogue: PriceCatalogue, source: String) {
        self.catalogue = catalogue
        self.source = source
    }

    /// `YYYY-MM-DD`.
    public var date: Substring { source.suffix(10) }
}
