import GatewayCore
import Testing

struct HoldFigureTests {
    private static func rates(_ input: Int64, _ output: Int64, cacheWrite: Int64? = nil) -> TokenRates {
        TokenRates(
            input: Money(nanodollars: input * 1_000_000), output: Money(nanodollars: output * 1_000_000),
            cacheWrite: cacheWrite.map { Money(nanodollars: $0 * 1_000_000) })
    }

    private func figure(
        _ bytes: Int, card: RateCard = RateCard(base: rates(2, 10)), context: Int64? = nil, output: Int64? = nil,
        _ change: (inout UsageBounds) -> Void = { _ in }
    ) -> HoldFigure {
        var bounds = UsageBounds()
        change(&bounds)
        let price = RoutePrice(.rates(card), contextTokens: context, outputTokens: output)
        return HoldFigure(bodyBytes: bytes, bounds, price: price, defaultOutputTokens: 4096)
    }

    @Test func `Every byte of the body may be a token`() {
        let figure = figure(1000) { $0.maxOutputTokens = 50 }
        #expect(figure.inputTokens == 1000 && figure.outputTokens == 50)
        #expect(figure.amount == Money(nanodollars: 1000 * 2 + 50 * 10 + 7))
    }

    @Test func `Without a limit the standard one holds, cut to the model's`() {
        #expect(figure(1).outputTokens == 4096)
        #expect(figure(1, output: 1000).outputTokens == 1000)
        #expect(figure(1, output: 1000) { $0.maxOutputTokens = 5000 }.outputTokens == 1000)
        #expect(figure(1) { $0.hasOutput = false }.outputTokens == 0)
    }

    @Test func `Each of several answers has the limit`() {
        #expect(figure(1) { ($0.maxOutputTokens, $0.choices) = (100, 5) }.outputTokens == 500)
        #expect(figure(1) { ($0.maxOutputTokens, $0.choices) = (.max, .max) }.outputTokens == .max)
        #expect(figure(1) { ($0.maxOutputTokens, $0.choices) = (.max, .max) }.amount == nil)
    }

    @Test func `Images count at the highest rule of a provider, within the context`() {
        #expect(figure(100) { $0.images = 2 }.inputTokens == 100 + 2 * HoldFigure.tokensPerImage)
        #expect(figure(100, context: 8000) { $0.images = 2 }.inputTokens == 8000)
        #expect(figure(9000, context: 8000).inputTokens == 8000)
    }

    @Test func `What cannot be told from bytes is bounded by the context alone`() {
        #expect(figure(100, context: 8000) { $0.hasUnboundedInput = true }.inputTokens == 8000)
        let unbounded = figure(100) { $0.hasUnboundedInput = true }
        #expect(unbounded.inputTokens == nil && unbounded.amount == nil)
    }

    @Test func `The dearest class and tier that can apply decide`() {
        let card = RateCard(
            base: Self.rates(2, 10, cacheWrite: 3),
            tiers: [
                .init(aboveInputTokens: 200, rates: Self.rates(4, 15)),
                .init(aboveInputTokens: 900, rates: Self.rates(9, 20)),
            ])
        #expect(figure(200, card: card) { $0.maxOutputTokens = 1 }.amount == Money(nanodollars: 200 * 3 + 10 + 7))
        #expect(figure(300, card: card) { $0.maxOutputTokens = 1 }.amount == Money(nanodollars: 300 * 4 + 15 + 7))
    }

    @Test func `The hold is at least the cost of any usage within its bounds`() throws {
        var random = SeededGenerator(13)
        for _ in 0..<2000 {
            func rate() -> Money { Money(nanodollars: Int64.random(in: 0...100_000_000_000, using: &random)) }
            func maybe() -> Money? { Bool.random(using: &random) ? rate() : nil }
            let rates = (0..<3).map { _ in
                TokenRates(
                    input: rate(), output: rate(), cacheRead: maybe(), cacheWrite: maybe(), reasoning: maybe(),
                    inputAudio: rate(), outputAudio: rate())
            }
            let card = RateCard(
                base: rates[0],
                tiers: [.init(aboveInputTokens: 500, rates: rates[1]), .init(aboveInputTokens: 2000, rates: rates[2])])
            let bytes = Int.random(in: 1...4000, using: &random)
            let limit = Int64.random(in: 1...4000, using: &random)
            let held = try #require(figure(bytes, card: card) { $0.maxOutputTokens = limit }.amount)
            let input = Int64.random(in: 0...Int64(bytes), using: &random)
            let output = Int64.random(in: 0...limit, using: &random)
            let cached = Int64.random(in: 0...input, using: &random)
            let reasoning = Int64.random(in: 0...output, using: &random)
            let classes = TokenClasses(
                inputUncached: input - cached, inputCacheRead: cached / 2, inputCacheWrite: cached - cached / 2,
                outputText: output - reasoning, outputReasoning: reasoning)
            #expect(try card.cost(of: classes) <= held)
        }
    }
}
