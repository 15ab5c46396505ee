import GatewayCore

extension LedgerEntry {
    /// An entry of a usual size, as it stands before the call.
    static func intent(_ number: Int, request: String? = nil) -> LedgerEntry {
        let digits = String(number, radix: 16)
        let requestID =
            request ?? "0199d2a4-7b1e-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        return LedgerEntry(
            id: ID(requestID: requestID, attempt: 1), replicaID: "0199d2a4-0000-7000-8000-000000000001",
            caller: Caller(
                keyID: "0199d2a4-0000-7000-8000-000000000002", keyPublicID: "8fK2mQ9x",
                userID: "0199d2a4-0000-7000-8000-000000000003", teamID: "0199d2a4-0000-7000-8000-000000000004"),
            operation: .chat, requestedModel: "fast", resolvedModel: "gpt-4o-mini", provider: "openai",
            route: "gpt-4o-mini/openai", upstreamModel: "gpt-4o-mini-2024-07-18",
            client: ClientFacts(session: nil, agent: nil, client: "OpenAI/Python"),
            tags: [RequestTags.Tag(key: "service", value: "checkout"), RequestTags.Tag(key: "env", value: "prod")],
            pricing: .priced,
            price: AppliedPrice(
                pricingID: "0199d2a4-0000-7000-8000-000000000005",
                rates: #"{"input":"150000000","cache_read":"75000000","output":"600000000"}"#,
                provenance: "models.dev 2026-11-20"),
            hold: Money(nanodollars: 5_000_000), cost: Money(nanodollars: 5_000_000), endReason: .gatewayCrashed,
            usageSource: .heldMaximum, admittedAt: 1_790_000_000_000_000 + Int64(number),
            startedAt: 1_790_000_000_000_100 + Int64(number))
    }

    /// The same attempt at its end.
    func settled(cost: Int64 = 1_234_000) -> LedgerEntry {
        var entry = self
        entry.classes = TokenClasses(inputUncached: 1200, inputCacheRead: 300, outputText: 80)
        entry.cost = Money(nanodollars: cost)
        entry.endReason = .complete
        entry.usageSource = .providerFinal
        entry.endedAt = startedAt + 900_000
        return entry
    }

    /// Any entry that the codec must carry, sensible or not.
    static func random(using random: inout some RandomNumberGenerator) -> LedgerEntry {
        let rare = UInt64.random(in: 0..<10, using: &random) == 0
        func text() -> String {
            let alphabet = rare ? Array("aé漢😀\u{0}\n") : Array("abcdef0123456789-")
            let count = Int.random(in: 0...(rare ? 300 : 40), using: &random)
            return String((0..<count).map { _ in alphabet.randomElement(using: &random) ?? "x" })
        }
        func optional() -> String? { Bool.random(using: &random) ? text() : nil }
        func number() -> Int64 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: 0
            case 1: .max
            case 2: .min
            default: .random(in: 0...1_000_000_000, using: &random)
            }
        }
        let pricings: [PricingStatus] = [.priced, .free, .unpriced(reason: text()), .notBilled]
        let prices: [AppliedPrice?] = [
            nil, AppliedPrice(pricingID: optional(), rates: text(), provenance: text()),
        ]
        let sources: [UsageSource?] = [nil] + UsageSource.allCases
        return LedgerEntry(
            id: ID(requestID: text(), attempt: Int(number())), replicaID: text(),
            caller: Caller(keyID: text(), keyPublicID: text(), userID: optional(), teamID: optional()),
            operation: APIOperation.allCases.randomElement(using: &random) ?? .chat, requestedModel: text(),
            resolvedModel: text(), provider: text(), route: text(), upstreamModel: text(),
            client: ClientFacts(session: optional(), agent: optional(), client: optional()),
            tags: (0..<Int.random(in: 0...8, using: &random)).map { _ in
                RequestTags.Tag(key: text(), value: text())
            },
            classes: TokenClasses(
                inputUncached: number(), inputCacheRead: number(), inputCacheWrite: number(), inputAudio: number(),
                outputText: number(), outputReasoning: number(), outputAudio: number()),
            pricing: pricings.randomElement(using: &random) ?? .priced,
            price: prices.randomElement(using: &random) ?? nil, hold: Money(nanodollars: number()),
            cost: Money(nanodollars: number()),
            endReason: EndReason.allCases.randomElement(using: &random) ?? .complete,
            usageSource: sources.randomElement(using: &random) ?? nil, admittedAt: number(), startedAt: number(),
            endedAt: Bool.random(using: &random) ? number() : nil)
    }
}
