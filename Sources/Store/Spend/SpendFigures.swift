import Database
public import GatewayCore

/// Sums of the ledger: of a group, or of everything.
public struct SpendFigures: Sendable, Hashable {
    /// Each counted where its first attempt is, so that the groups of a report add up.
    public var requests: Int64 = 0
    public var attempts: Int64 = 0
    /// The tokens of all attempts, billed or not, by class.
    public var classes = TokenClasses()
    /// What is known to have been spent; `unpriced` attempts add nothing to it.
    public var cost = Money.zero
    /// The part of `cost` that was computed from what was relayed.
    public var estimated = Money.zero
    /// The part of `cost` that is the upper bound of attempts of which nothing is known.
    public var heldMaximum = Money.zero
    /// Attempts that were billed, without a known price.
    public var unpricedAttempts: Int64 = 0
    /// The tokens of those.
    public var unpricedTokens: Int64 = 0
    /// Attempts of routes with `pricing: free`.
    public var freeAttempts: Int64 = 0
    /// Attempts that the provider refused, or that did not reach it.
    public var notBilledAttempts: Int64 = 0

    public init() {}

    public static func + (left: Self, right: Self) -> Self { left.adding(right, times: 1) }

    public static func - (left: Self, right: Self) -> Self { left.adding(right, times: -1) }

    private func adding(_ other: Self, times sign: Int64) -> Self {
        var sum = self
        sum.requests += sign * other.requests
        sum.attempts += sign * other.attempts
        sum.classes = TokenClasses(
            inputUncached: classes.inputUncached + sign * other.classes.inputUncached,
            inputCacheRead: classes.inputCacheRead + sign * other.classes.inputCacheRead,
            inputCacheWrite: classes.inputCacheWrite + sign * other.classes.inputCacheWrite,
            inputAudio: classes.inputAudio + sign * other.classes.inputAudio,
            outputText: classes.outputText + sign * other.classes.outputText,
            outputReasoning: classes.outputReasoning + sign * other.classes.outputReasoning,
            outputAudio: classes.outputAudio + sign * other.classes.outputAudio)
        sum.cost = Money(nanodollars: cost.nanodollars + sign * other.cost.nanodollars)
        sum.estimated = Money(nanodollars: estimated.nanodollars + sign * other.estimated.nanodollars)
        sum.heldMaximum = Money(nanodollars: heldMaximum.nanodollars + sign * other.heldMaximum.nanodollars)
        sum.unpricedAttempts += sign * other.unpricedAttempts
        sum.unpricedTokens += sign * other.unpricedTokens
        sum.freeAttempts += sign * other.freeAttempts
        sum.notBilledAttempts += sign * other.notBilledAttempts
        return sum
    }
}

extension SpendFigures {
    /// The sums as columns of a query over rows as those of `ledger_hours`. A sum of 64-bit integers is no such integer
    /// on PostgreSQL.
    static let sums = SumFigures.columns.map { "CAST(COALESCE(SUM(\($0)), 0) AS BIGINT) AS sum_\($0)" }
        .joined(separator: ", ")

    /// - Parameter row: with the columns of `sums`.
    init(_ row: Row) throws {
        requests = try row.int64("sum_requests")
        attempts = try row.int64("sum_attempts")
        classes = TokenClasses(
            inputUncached: try row.int64("sum_input_uncached"), inputCacheRead: try row.int64("sum_input_cache_read"),
            inputCacheWrite: try row.int64("sum_input_cache_write"), inputAudio: try row.int64("sum_input_audio"),
            outputText: try row.int64("sum_output_text"), outputReasoning: try row.int64("sum_output_reasoning"),
            outputAudio: try row.int64("sum_output_audio"))
        cost = Money(nanodollars: try row.int64("sum_cost"))
        estimated = Money(nanodollars: try row.int64("sum_estimated"))
        heldMaximum = Money(nanodollars: try row.int64("sum_held_maximum"))
        unpricedAttempts = try row.int64("sum_unpriced_attempts")
        unpricedTokens = try row.int64("sum_unpriced_tokens")
        freeAttempts = try row.int64("sum_free_attempts")
        notBilledAttempts = try row.int64("sum_not_billed_attempts")
    }
}
