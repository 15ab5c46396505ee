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

    /// The stored sums that do not equal those of the ledger itself, in either direction: none, always.
    func wrongSums() async throws -> [[String]] {
        try await wrongSums("ledger_hours", length: 3_600_000_000) + wrongSums("ledger_days", length: 86_400_000_000)
    }

    private func wrongSums(_ table: String, length: Int64) async throws -> [[String]] {
        let group = [
            "label_key", "start", "label_value", "api_key_id", "user_id", "team_id", "resolved_model", "provider_id",
        ]
        let tokens = [
            "input_uncached", "input_cache_read", "input_cache_write", "input_audio", "output_text", "output_reasoning",
            "output_audio",
        ]
        let figures: [(String, String)] =
            [("requests", "CASE WHEN attempt = 1 THEN 1 ELSE 0 END"), ("attempts", "1")] + tokens.map { ($0, $0) } + [
                ("cost", "cost"), ("estimated", "CASE WHEN usage_source = 'estimated' THEN cost ELSE 0 END"),
                ("held_maximum", "CASE WHEN usage_source = 'held_maximum' THEN cost ELSE 0 END"),
                ("unpriced_attempts", "CASE WHEN pricing_status = 'unpriced' THEN 1 ELSE 0 END"),
                (
                    "unpriced_tokens",
                    "CASE WHEN pricing_status = 'unpriced' THEN \(tokens.joined(separator: " + ")) ELSE 0 END"
                ), ("free_attempts", "CASE WHEN pricing_status = 'free' THEN 1 ELSE 0 END"),
                ("not_billed_attempts", "CASE WHEN pricing_status = 'not_billed' THEN 1 ELSE 0 END"),
            ]
        let owner = "api_key_id, COALESCE(user_id, '') AS user_id, COALESCE(team_id, '') AS team_id"
        let start = "admitted_at - admitted_at % \(length) AS start"
        let values = figures.map { "\($0.1) AS \($0.0)" }.joined(separator: ", ")
        let full = "\(owner), resolved_model, provider_id"
        let labelled = """
            SELECT '' AS label_key, \(start), '' AS label_value, \(full), \(values) FROM ledger
            UNION ALL SELECT '@all', \(start), '', '', '', '', '', '', \(values) FROM ledger
            UNION ALL SELECT '@unpriced', \(start), unpriced_reason, \(full), \(values) FROM ledger
                WHERE pricing_status = 'unpriced'
            UNION ALL SELECT '@session', \(start), session, \(owner), '', '', \(values) FROM ledger
                WHERE session IS NOT NULL
            UNION ALL SELECT key, \(start), value, \(full), \(values) FROM ledger JOIN ledger_tags USING (request_id)
            """
        let groups = group.joined(separator: ", ")
        let names = figures.map(\.0)
        let sums = names.map { "CAST(SUM(\($0)) AS BIGINT) AS \($0)" }.joined(separator: ", ")
        let expected = "SELECT \(groups), \(sums) FROM (\(labelled)) AS labelled GROUP BY \(groups)"
        let stored = "SELECT \(groups), \(names.joined(separator: ", ")) FROM \(table) WHERE attempts <> 0"
        let columns = ["label_key", "label_value", "start", "attempts", "cost"]
        let missing = try await texts("SELECT * FROM (\(expected)) AS x EXCEPT SELECT * FROM (\(stored)) AS y", columns)
        let surplus = try await texts("SELECT * FROM (\(stored)) AS y EXCEPT SELECT * FROM (\(expected)) AS x", columns)
        return missing.map { [table, "missing"] + $0 } + surplus.map { [table, "surplus"] + $0 }
    }
}
