import GatewayCore

/// Random spend of a company: forty keys of twenty users in five teams, six models of three providers, sessions, tags,
/// failed attempts and every way to end.
struct SpendHistory {
    private var random: SeededGenerator
    private let prefix: String

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        prefix = "h\(seed)-"
    }

    /// - Parameters:
    ///   - count: of entries, at least; a request with two attempts has two.
    ///   - hours: since `start`.
    mutating func entries(_ count: Int, hours: Range<Int>) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        while entries.count < count { entries += request(entries.count, hours: hours) }
        return entries
    }

    /// 2026-03-01 00:00 UTC, so that 45 days have the change of clocks of Europe, America and Lord Howe.
    static let start: Int64 = 1_772_323_200_000_000

    private mutating func request(_ number: Int, hours: Range<Int>) -> [LedgerEntry] {
        let length: Int64 = 3_600_000_000
        let time =
            Self.start
            + .random(in: Int64(hours.lowerBound) * length..<Int64(hours.upperBound) * length, using: &random)
        let key = Int.random(in: 0..<40, using: &random)
        let model = Int.random(in: 0..<6, using: &random)
        let tags = [("service", "service-\(key % 8)"), ("env", key % 3 == 0 ? "test" : "prod")].prefix(key % 4)
        let session = key % 2 == 0 ? "session-\(key)-\(time / (length / 4))" : nil
        let attempts = Int.random(in: 0..<20, using: &random) == 0 ? 2 : 1
        return (1...attempts).map { attempt in
            var entry = ending(isLast: attempt == attempts)
            entry.caller = Caller(
                keyID: "key-\(key)", keyPublicID: "public\(key)", userID: key < 20 ? "user-\(key)" : nil,
                teamID: "team-\(key % 5)")
            entry.resolvedModel = "model-\(model)"
            entry.provider = "provider-\((model + attempt) % 3)"
            entry.client = ClientFacts(session: session)
            entry.tags = tags.map { RequestTags.Tag(key: $0.0, value: $0.1) }
            entry.admittedAt = time
            entry.startedAt = time
            return LedgerEntry(id: .init(requestID: "\(prefix)\(number)", attempt: attempt), copying: entry)
        }
    }

    private mutating func ending(isLast: Bool) -> LedgerEntry {
        guard isLast else {
            return makeEntry(
                classes: TokenClasses(), pricing: .notBilled, cost: 0, endReason: .upstreamError, source: nil)
        }
        let classes = TokenClasses(
            inputUncached: .random(in: 1...20_000, using: &random),
            inputCacheRead: .random(in: 0...9_000, using: &random),
            outputText: .random(in: 0...2_000, using: &random), outputReasoning: .random(in: 0...900, using: &random))
        let cost = Int64.random(in: 1_000...90_000_000, using: &random)
        return switch Int.random(in: 0..<25, using: &random) {
        case 0: makeCrashedEntry()
        case 1: makeEntry(classes: classes, cost: cost, endReason: .clientCancelled, source: .estimated)
        case 2: makeEntry(classes: classes, cost: cost, endReason: .upstreamTruncated, source: .providerPartial)
        case 3: makeEntry(classes: classes, pricing: .unpriced(reason: "no_price"), cost: 0)
        case 4: makeEntry(classes: classes, pricing: .unpriced(reason: "missing_rate:input_audio"), cost: 0)
        case 5: makeEntry(classes: classes, pricing: .free, cost: 0)
        default: makeEntry(classes: classes, cost: cost)
        }
    }
}

extension LedgerEntry {
    init(id: ID, copying entry: LedgerEntry) {
        self.init(
            id: id, replicaID: entry.replicaID, caller: entry.caller, operation: entry.operation,
            requestedModel: entry.requestedModel, resolvedModel: entry.resolvedModel, provider: entry.provider,
            route: entry.route, upstreamModel: entry.upstreamModel, client: entry.client, tags: entry.tags,
            classes: entry.classes, pricing: entry.pricing, price: entry.price, hold: entry.hold, cost: entry.cost,
            endReason: entry.endReason, usageSource: entry.usageSource, admittedAt: entry.admittedAt,
            startedAt: entry.startedAt, endedAt: entry.endedAt)
    }
}
