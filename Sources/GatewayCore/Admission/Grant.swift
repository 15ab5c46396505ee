/// The claims that admission granted to a request and that were not returned yet.
public struct Grant: Sendable, Hashable {
    public private(set) var claims: [Claim]

    /// - Parameter claims: none for a request that no limit and no budget applies to.
    public init(_ claims: [Claim] = []) {
        self.claims = claims
    }

    /// Adds what a further attempt was granted.
    public mutating func formUnion(_ other: Grant) {
        claims += other.claims
    }

    /// Removes and returns what ends with an attempt.
    public mutating func takeAttemptClaims() -> Grant {
        let taken = claims.filter(\.isPerAttempt)
        if !taken.isEmpty { claims.removeAll(where: \.isPerAttempt) }
        return Grant(taken)
    }

    /// Removes and returns everything.
    public mutating func takeAll() -> Grant {
        defer { claims = [] }
        return self
    }
}
