import GatewayCore

/// What one of the demo's keys is used for.
struct DemoHabit {
    let key: String
    /// Nil for a key of the team.
    let email: String?
    let team: String
    let requestsOnWorkdays: Int
    let requestsOnWeekends: Int
    let models: [DemoModel]
    let input: ClosedRange<Int64>
    let output: ClosedRange<Int64>
    let client: String
    let tags: [RequestTags.Tag]
    /// Whether requests belong to sessions of some hours, as those of coding agents do.
    let hasSessions: Bool

    func session(at time: Int64) -> String? {
        hasSessions ? "\(key)-\(time / (3 * 3_600_000_000))" : nil
    }

    static let all = [
        DemoHabit(
            key: "demo-notebooks", email: nil, team: "demo-research", requestsOnWorkdays: 24, requestsOnWeekends: 6,
            models: [.large, .large, .medium, .local], input: 2000...60_000, output: 300...4000,
            client: "OpenAI/Python", tags: tags("notebooks", "research"), hasSessions: false),
        DemoHabit(
            key: "demo-website", email: nil, team: "demo-product", requestsOnWorkdays: 60, requestsOnWeekends: 45,
            models: [.small, .small, .medium], input: 300...4000, output: 50...600, client: "OpenAI/JS",
            tags: tags("website", "prod"), hasSessions: false),
        DemoHabit(
            key: "demo-helpdesk", email: nil, team: "demo-support", requestsOnWorkdays: 40, requestsOnWeekends: 12,
            models: [.small, .flash], input: 800...9000, output: 80...900, client: "OpenAI/Python",
            tags: tags("helpdesk", "prod"), hasSessions: false),
        DemoHabit(
            key: "demo-ada-laptop", email: "ada.osei@demo.example", team: "demo-research", requestsOnWorkdays: 30,
            requestsOnWeekends: 4, models: [.large], input: 8000...120_000, output: 200...5000,
            client: "claude-cli/2.1.0", tags: [], hasSessions: true),
        DemoHabit(
            key: "demo-mei-laptop", email: "mei.tanaka@demo.example", team: "demo-product", requestsOnWorkdays: 18,
            requestsOnWeekends: 0, models: [.medium, .flash], input: 4000...50_000, output: 200...3000,
            client: "codex_exec", tags: [], hasSessions: true),
    ]

    private static func tags(_ service: String, _ env: String) -> [RequestTags.Tag] {
        [RequestTags.Tag(key: "service", value: service), RequestTags.Tag(key: "env", value: env)]
    }
}

/// A model of the demo, with its list price of November 2025 in dollars per million tokens.
struct DemoModel {
    let name: String
    let provider: String
    /// Nil for a model without a price.
    let card: RateCard?

    static let small = DemoModel("gpt-5-mini", "openai", input: "0.25", cacheRead: "0.025", output: "2")
    static let medium = DemoModel("gpt-5", "openai", input: "1.25", cacheRead: "0.125", output: "10")
    static let large = DemoModel("claude-sonnet-4-5", "anthropic", input: "3", cacheRead: "0.3", output: "15")
    static let flash = DemoModel("gemini-2.5-flash", "google", input: "0.3", cacheRead: "0.03", output: "2.5")
    static let local = DemoModel(name: "qwen3-30b", provider: "local", card: nil)

    /// As the ledger copies it.
    var price: AppliedPrice? {
        guard let rates = card?.base else { return nil }
        let texts = TokenClass.allCases.compactMap { tokenClass in
            rates.rate(of: tokenClass).map { "\"\(tokenClass.rawValue)\":\($0.nanodollars)" }
        }
        return AppliedPrice(pricingID: nil, rates: "{\(texts.joined(separator: ","))}", provenance: "demo")
    }

    private init(name: String, provider: String, card: RateCard?) {
        self.name = name
        self.provider = provider
        self.card = card
    }

    private init(_ name: String, _ provider: String, input: String, cacheRead: String, output: String) {
        func rate(_ text: String) -> Money { Money(decimal: text) ?? .zero }
        self.init(
            name: name, provider: provider,
            card: RateCard(base: TokenRates(input: rate(input), output: rate(output), cacheRead: rate(cacheRead))))
    }
}

/// The same numbers for the same seed: SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
struct DemoRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
