public import Accounting

/// What came of a look at the source of price lists.
public enum PriceRefresh: Sendable, Hashable {
    /// No route has its price from the list.
    case notUsed
    /// A gateway on this database has looked already, so long ago.
    case notDue(Duration)
    /// The list in use is the newest.
    case unchanged
    /// A newer list is in use.
    case updated(PriceListChanges, leftOut: [PriceCatalogue.Warning])
}

/// Why a fetched price list is not used. The one in use stays.
public enum PriceRefreshError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It could not be fetched.
    case notFetched(source: String, reason: String)
    /// It cannot be read as a list of prices.
    case unreadable(source: String, PriceCatalogue.ReadingError)
    /// It has less than half of the models with prices of the list in use.
    case shrunk(source: String, models: Int, before: Int)

    public var description: String {
        let (source, reason) =
            switch self {
            case .notFetched(let source, let reason): (source, reason)
            case .unreadable(let source, let error): (source, "\(error)")
            case .shrunk(let source, let models, let before):
                (source, "it has \(models) models with prices, less than half of the \(before) before")
            }
        return "The price list of \(source) is not used; the one before stays: \(reason)"
    }
}
