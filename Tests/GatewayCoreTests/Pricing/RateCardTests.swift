import GatewayCore
import Testing

/// Bills that are worked out by hand.
@Suite struct RateCardTests {
    private static func rate(_ dollars: String) throws -> Money {
        try #require(Money(decimal: dollars))
    }

    private static func classes(_ change: (inout TokenClasses) -> Void) -> TokenClasses {
        var classes = TokenClasses(TokenUsage(promptTokens: 0, completionTokens: 0))
        change(&classes)
        return classes
    }

    @Test func `Each class has its rate`() throws {
        let card = RateCard(
            base: TokenRates(
                input: try Self.rate("2.50"), output: try Self.rate("10.00"), cacheRead: try Self.rate("1.25"),
                cacheWrite: try Self.rate("3.125"), reasoning: try Self.rate("12.00"),
                inputAudio: try Self.rate("40.00"), outputAudio: try Self.rate("80.00")))
        let cost = try card.cost(
            of: Self.classes {
                $0.inputUncached = 800  // 0.0020000
                $0.inputCacheRead = 200  // 0.0002500
                $0.inputCacheWrite = 100  // 0.0003125
                $0.inputAudio = 10  // 0.0004000
                $0.outputText = 400  // 0.0040000
                $0.outputReasoning = 100  // 0.0012000
                $0.outputAudio = 5  // 0.0004000
            })
        #expect(cost.decimal == "0.0085625")
    }

    @Test func `A class without a rate is priced as its parent`() throws {
        // gpt-5-mini with 1,000 tokens of input, 200 of them cached, and 500 of output, 100 of them reasoning.
        let card = RateCard(
            base: TokenRates(
                input: try Self.rate("0.25"), output: try Self.rate("2"), cacheRead: try Self.rate("0.025")))
        let usage = TokenUsage(
            promptTokens: 1000, completionTokens: 500, cachedPromptTokens: 200, cacheWriteTokens: 100,
            reasoningTokens: 100)
        // 800 × 0.25 + 200 × 0.025 + 500 × 2 dollars per million; cache writes are plain input.
        #expect(try card.cost(of: TokenClasses(usage)).decimal == "0.001205")
    }

    @Test func `Audio has no parent`() throws {
        let card = RateCard(base: TokenRates(input: try Self.rate("1"), output: try Self.rate("1")))
        #expect(throws: Unpriced.missingRate(.inputAudio)) { try card.cost(of: Self.classes { $0.inputAudio = 1 }) }
        #expect(throws: Unpriced.missingRate(.outputAudio)) { try card.cost(of: Self.classes { $0.outputAudio = 1 }) }
        #expect(Unpriced.missingRate(.outputAudio).text == "missing_rate:output_audio")
    }

    @Test(
        arguments: [
            (0, 1, 0), (1, 1, 0), (499_999, 1, 0), (500_000, 1, 1), (1_499_999, 1, 1), (1_500_000, 1, 2),
            (1, 1_000_000, 1), (3, 333_333, 1), (1, 499_999, 0), (Int64.max, 1, 9_223_372_036_855),
        ] as [(Int64, Int64, Int64)])
    func `A class is rounded half up, once`(tokens: Int64, rate: Int64, cost: Int64) {
        #expect(Money(nanodollars: rate).cost(of: tokens) == Money(nanodollars: cost))
    }

    @Test func `Classes are rounded apart, and then added`() throws {
        let tiny = Money(nanodollars: 1)
        let card = RateCard(base: TokenRates(input: tiny, output: tiny))
        let cost = try card.cost(
            of: Self.classes {
                $0.inputUncached = 500_000
                $0.inputCacheRead = 499_999
                $0.outputText = 500_000
            })
        #expect(cost.nanodollars == 2)
    }

    /// Google's price of gemini-2.5-pro: 1.25 and 10 dollars up to 200,000 tokens of input, 2.50 and 15 beyond.
    @Test func `A long input is billed at the higher rates as a whole`() throws {
        let card = RateCard(
            base: TokenRates(input: try Self.rate("1.25"), output: try Self.rate("10")),
            tiers: [
                .init(
                    aboveInputTokens: 200_000,
                    rates: TokenRates(
                        input: try Self.rate("2.50"), output: try Self.rate("15"), cacheRead: try Self.rate("0.25")))
            ])
        let short = TokenUsage(promptTokens: 200_000, completionTokens: 1000)
        #expect(try card.cost(of: TokenClasses(short)).decimal == "0.26")
        let long = TokenUsage(promptTokens: 200_001, completionTokens: 1000, cachedPromptTokens: 100_001)
        // 100,000 × 2.50 + 100,001 × 0.25 + 1,000 × 15 dollars per million.
        #expect(try card.cost(of: TokenClasses(long)).decimal == "0.29000025")
    }

    @Test func `The highest tier that applies decides`() throws {
        func rates(_ dollars: Int64) -> TokenRates {
            TokenRates(input: Money(nanodollars: dollars), output: .zero)
        }
        let card = RateCard(
            base: rates(1),
            tiers: [
                .init(aboveInputTokens: 256_000, rates: rates(3)), .init(aboveInputTokens: 32_000, rates: rates(2)),
            ])
        #expect(
            [0, 32_000, 32_001, 256_000, 256_001].map { card.rates(forInput: $0).input.nanodollars } == [1, 1, 2, 2, 3])
    }

    @Test func `What does not fit is no silent number`() throws {
        let card = RateCard(base: TokenRates(input: try Self.rate("1000000"), output: try Self.rate("1000000")))
        #expect(throws: Unpriced.costTooLarge) {
            try card.cost(of: Self.classes { $0.inputUncached = 1_000_000_000_000 })
        }
        #expect(throws: Unpriced.costTooLarge) {
            try card.cost(
                of: Self.classes {
                    $0.inputUncached = 9_000_000_000
                    $0.outputText = 9_000_000_000
                })
        }
        #expect(Money(nanodollars: -1).cost(of: 1) == nil)
        #expect(Money(nanodollars: 1).cost(of: -1) == nil)
    }

    @Test func `The bounds are the highest rates`() throws {
        let rates = TokenRates(
            input: try Self.rate("2"), output: try Self.rate("8"), cacheRead: try Self.rate("1"),
            cacheWrite: try Self.rate("2.5"))
        #expect(rates.maxInput.decimal == "2.50" && rates.maxOutput.decimal == "8.00")
    }
}
