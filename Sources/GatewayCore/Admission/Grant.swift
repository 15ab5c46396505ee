/// The claims that admission granted to a request and that were not returned yet.
public struct Grant: Sendable, Hashable {
    public private(set) var claims: [Claim]

    /// - Parameter claims: empty for a request without limits and budgets.
    public init(_ claims: [Claim] = []) {
        self.claims = claims
    }

    /// Adds the grants of a further attempt.
    public mutating func formUnion(_ other: Grant) {
        claims += other.claims
    }

    /// Removes and returns the claims that end with an attempt.
    public mutating func takeAttemptClaims() -> Grant {
        let taken = claims.filter(\.isPerAttempt)
        if !taken.isEmpty { claims.removeAll(where: \.isPerAttempt) }
        return Grant(taken)
    }

    /// Removes and returns all claims.
    public mutating func takeAll() -> Grant {
        defer { claims = [] }
        return self
    }
}
