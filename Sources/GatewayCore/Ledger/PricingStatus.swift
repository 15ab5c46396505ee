/// How the cost of a ledger entry comes about.
public enum PricingStatus: Sendable, Hashable {
    /// `cost` is the tokens by the price that applied.
    case priced
    /// The route's price is `free`: the cost is zero.
    case free
    /// The provider bills the attempt, and the gateway does not know how much. The cost is zero, and reports show the
    /// entry apart.
    case unpriced(reason: String)
    /// The provider bills nothing: it refused the request, or was not reached. The cost is zero.
    case notBilled

    /// As the ledger stores it, without the reason.
    public var name: String {
        switch self {
        case .priced: "priced"
        case .free: "free"
        case .unpriced: "unpriced"
        case .notBilled: "not_billed"
        }
    }

    /// Nil for all but `unpriced`.
    public var unpricedReason: String? {
        if case .unpriced(let reason) = self { reason } else { nil }
    }

    /// - Returns: nil for an unknown name, for `unpriced` without a reason, and for a reason with another name.
    public init?(name: String, unpricedReason: String?) {
        switch (name, unpricedReason) {
        case ("priced", nil): self = .priced
        case ("free", nil): self = .free
        case ("not_billed", nil): self = .notBilled
        case ("unpriced", let reason?): self = .unpriced(reason: reason)
        default: return nil
        }
    }
}
