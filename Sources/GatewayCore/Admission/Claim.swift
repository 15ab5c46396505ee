/// A claim of a request on a limit or budget, before a provider may be called.
///
/// The claims of an attempt are granted together or not at all.
public enum Claim: Sendable, Hashable {
    /// One request against the limit on requests per minute of `owner`. Taken once for all attempts of a request.
    case requests(owner: String)
    /// A number of tokens, an upper bound, against the limit on tokens per minute of `owner`. Taken once for all
    /// attempts.
    case tokens(Int64, owner: String)
    /// A place among the parallel requests of `owner`. Taken once, and returned when the request ends.
    case parallel(owner: String)
    /// An amount held on a budget until the attempt is settled. Every attempt takes its own.
    case hold(budget: String, Money)

    /// Whether the claim ends with its attempt; the others end with the request.
    public var isPerAttempt: Bool {
        switch self {
        case .hold: true
        case .requests, .tokens, .parallel: false
        }
    }
}
