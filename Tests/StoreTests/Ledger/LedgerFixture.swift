import Database
import GatewayCore
import Store

/// A random generator with a seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// An entry of a complete, priced answer; the arguments are what tests vary.
func makeEntry(
    _ requestID: String = "r1", attempt: Int = 1, user: String? = "u1", team: String? = "t1", model: String = "m1",
    provider: String = "p1", session: String? = nil, tags: [RequestTags.Tag] = [],
    classes: TokenClasses = TokenClasses(inputUncached: 100, outputText: 10), pricing: PricingStatus = .priced,
    hold: Int64 = 900, cost: Int64 = 700, endReason: EndReason = .complete, source: UsageSource? = .providerFinal,
    at time: Int64 = 1_700_000_000_000_000, endedAt: Int64? = 1_700_000_001_000_000
) -> LedgerEntry {
    LedgerEntry(
        id: LedgerEntry.ID(requestID: requestID, attempt: attempt), replicaID: "x",
        caller: Caller(keyID: "k1", keyPublicID: "pk1", userID: user, teamID: team), operation: .chat,
        requestedModel: model, resolvedModel: model, provider: provider, route: "\(model)/1", upstreamModel: "up",
        client: ClientFacts(session: session), tags: tags, classes: classes, pricing: pricing,
        price: AppliedPrice(pricingID: "price", rates: "{}", provenance: "test"), hold: Money(nanodollars: hold),
        cost: Money(nanodollars: cost), endReason: endReason, usageSource: source, admittedAt: time, startedAt: time,
        endedAt: endedAt)
}

/// The entry of an attempt whose end no gateway saw.
func makeCrashedEntry(_ requestID: String = "r1") -> LedgerEntry {
    makeEntry(
        requestID, classes: TokenClasses(), cost: 900, endReason: .gatewayCrashed, source: .heldMaximum, endedAt: nil)
}

extension Database {
    /// The rows of a query, each as its columns in text form.
    func texts(_ sql: String, _ columns: [String]) async throws -> [[String]] {
        try await read { connection in
            try connection.query(sql).map { row in
                try columns.map { column in
                    if let number = try? row.optionalInt64(column) { return "\(number)" }
                    return try row.optionalText(column) ?? "nil"
                }
            }
        }
    }

    /// The hours' sums that do not equal those of the ledger itself, in either direction: none, always.
    func wrongHours() async throws -> [[String]] {
        let columns = ["label_key", "label_value", "hour", "attempts", "cost"]
        let figures =
            "requests, attempts, input_uncached, input_cache_read, input_cache_write, input_audio, output_text, "
            + "output_reasoning, output_audio, cost"
        let group =
            "hour, api_key_id, user_id, team_id, resolved_model, provider_id, pricing_status, unpriced_reason, usage_source"
        let facts = """
            l.admitted_at - l.admitted_at % 3600000000 AS hour, l.api_key_id, COALESCE(l.user_id, '') AS user_id,
            COALESCE(l.team_id, '') AS team_id, l.resolved_model, l.provider_id, l.pricing_status,
            COALESCE(l.unpriced_reason, '') AS unpriced_reason, COALESCE(l.usage_source, '') AS usage_source,
            CASE WHEN l.attempt = 1 THEN 1 ELSE 0 END AS requests, 1 AS attempts, l.input_uncached, l.input_cache_read,
            l.input_cache_write, l.input_audio, l.output_text, l.output_reasoning, l.output_audio, l.cost
            """
        let labelled = """
            SELECT '' AS label_key, '' AS label_value, \(facts) FROM ledger l
            UNION ALL SELECT '@session', l.session, \(facts) FROM ledger l WHERE l.session IS NOT NULL
            UNION ALL SELECT t.key, t.value, \(facts) FROM ledger l JOIN ledger_tags t ON t.request_id = l.request_id
            """
        let sums = figures.split(separator: ", ").map { "CAST(SUM(\($0)) AS BIGINT) AS \($0)" }.joined(separator: ", ")
        let expected =
            "SELECT label_key, label_value, \(group), \(sums) FROM (\(labelled)) AS labelled "
            + "GROUP BY label_key, label_value, \(group)"
        let stored = "SELECT label_key, label_value, \(group), \(figures) FROM ledger_hours WHERE attempts <> 0"
        let missing = try await texts("SELECT * FROM (\(expected)) AS x EXCEPT SELECT * FROM (\(stored)) AS y", columns)
        let surplus = try await texts("SELECT * FROM (\(stored)) AS y EXCEPT SELECT * FROM (\(expected)) AS x", columns)
        return missing.map { ["missing"] + $0 } + surplus.map { ["surplus"] + $0 }
    }
}
