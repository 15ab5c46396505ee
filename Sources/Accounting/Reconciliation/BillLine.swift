public import GatewayCore

/// A line of a provider's bill or usage export: a request, or the sums of a day or an hour.
public struct BillLine: Sendable, Hashable {
    /// When it was used, as the bill says it.
    public enum Time: Sendable, Hashable {
        /// Microseconds since 1970 UTC: of the request, or the beginning of what is summed.
        case moment(Int64)
        /// As `2026-03-29`.
        case day(String)
    }

    /// Of the file, for messages.
    public let line: Int
    public let time: Time
    /// The gateway's or the provider's id of the request; nil for sums.
    public let requestID: String?
    /// Nil for a line that concerns no model, such as a credit.
    public let model: String?
    public let requests: Int64?
    /// Nil if the bill has no tokens.
    public let classes: TokenClasses?
    /// The classes that the bill tells apart; tokens of others are within `inputUncached` or `outputText`.
    public let columns: Set<TokenClass>
    /// Nil if the export has no amounts. Negative for a credit.
    public let amount: Money?
    /// The amount is exact to this many nanodollars: a bill may be rounded to cents.
    public let precision: Int64

    public init(
        line: Int, time: Time, requestID: String? = nil, model: String?, requests: Int64? = nil,
        classes: TokenClasses? = nil, columns: Set<TokenClass> = Set(TokenClass.allCases), amount: Money?,
        precision: Int64 = 1
    ) {
        self.line = line
        self.time = time
        self.requestID = requestID
        self.model = model
        self.requests = requests
        self.classes = classes
        self.columns = columns
        self.amount = amount
        self.precision = precision
    }
}

/// A row of the ledger, for the comparison.
public struct LedgerLine: Sendable, Hashable {
    public let requestID: String
    /// Microseconds since 1970 UTC.
    public let time: Int64
    /// The model at the provider.
    public let model: String
    public let classes: TokenClasses
    public let cost: Money
    /// The answer was complete, with the provider's own usage.
    public let isComplete: Bool
    /// All prices of the model; nil if they are not known.
    public let card: RateCard?

    public init(
        requestID: String, time: Int64, model: String, classes: TokenClasses, cost: Money, isComplete: Bool,
        card: RateCard? = nil
    ) {
        self.requestID = requestID
        self.time = time
        self.model = model
        self.classes = classes
        self.cost = cost
        self.isComplete = isComplete
        self.card = card
    }
}

/// A difference between the bill and the ledger.
public struct Discrepancy: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The bill has a request of the gateway that the ledger does not have.
        case lostRow = "lost_row"
        /// The bill has usage that did not come through the gateway.
        case outsideTraffic = "outside_traffic"
        /// The provider bills the same tokens at another rate.
        case price
        /// The provider divides the same input between uncached, cache reads and cache writes in another way.
        case cacheClass = "cache_class"
        /// The provider bills at the rates of another context tier.
        case tier
        /// The ledger estimated an answer that was cut or cancelled, and the bill says otherwise.
        case cancelledStream = "cancelled_stream"
        /// The provider bills a round share of everything less.
        case discount
        /// The request is in the period on one of the two only: their days begin at other times.
        case zoneEdge = "zone_edge"
        /// The ledger has a request that the bill does not have.
        case notOnBill = "not_on_bill"
        /// The tokens differ, and none of the other kinds says why.
        case usage
    }

    public let kind: Kind
    /// Of the bill's day or request's day.
    public let day: String
    public let model: String
    /// Nil for sums.
    public let requestID: String?
    public let bill: Money
    public let ledger: Money
    /// What was found, in a few words.
    public let note: String

    /// What the bill has more; the discrepancies' differences add up to that of bill and ledger.
    public var difference: Money { Money(nanodollars: bill.nanodollars - ledger.nanodollars) }
}
