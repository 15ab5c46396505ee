import Foundation
import GatewayCore
import Testing

/// The stored form of prices: rows are read by later releases.
@Suite struct RateCardCodingTests {
    private static func money(_ nanodollars: Int64?) -> Money? { nanodollars.map(Money.init(nanodollars:)) }

    private func encode(_ card: RateCard) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(card), as: UTF8.self)
    }

    private func decode(_ text: String) throws -> RateCard {
        try JSONDecoder().decode(RateCard.self, from: Data(text.utf8))
    }

    @Test func `The form is the one that is stored`() throws {
        let base = TokenRates(
            input: Money(nanodollars: 1), output: Money(nanodollars: 2), cacheRead: Self.money(3),
            cacheWrite: Self.money(4), reasoning: Self.money(5), inputAudio: Self.money(6), outputAudio: Self.money(7))
        let card = RateCard(
            base: base,
            tiers: [.init(aboveInputTokens: 200_000, rates: TokenRates(input: .zero, output: Money(nanodollars: 9)))])
        let text = try encode(card)
        #expect(
            text == """
                {"base":{"input_audio":6,"input_cache_read":3,"input_cache_write":4,"input_uncached":1,"output_audio":7,\
                "output_reasoning":5,"output_text":2},"tiers":[{"above_input_tokens":200000,"rates":{"input_uncached":0,\
                "output_text":9}}]}
                """)
        #expect(try decode(text) == card)
    }

    @Test func `Any card is read as it was written`() throws {
        var random = SeededGenerator(13)
        func rate() -> Money { Money(nanodollars: Int64.random(in: 0...Int64.max, using: &random)) }
        func optional() -> Money? { Bool.random(using: &random) ? rate() : nil }
        func rates() -> TokenRates {
            TokenRates(
                input: rate(), output: rate(), cacheRead: optional(), cacheWrite: optional(), reasoning: optional(),
                inputAudio: optional(), outputAudio: optional())
        }
        for _ in 0..<200 {
            let limits = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                Int64.random(in: 1...Int64.max, using: &random)
            }
            let card = RateCard(
                base: rates(), tiers: limits.map { RateCard.Tier(aboveInputTokens: $0, rates: rates()) })
            let read = try decode(try encode(card))
            #expect(read == card)
        }
    }

    @Test func `Tiers are in order however they are stored`() throws {
        let card = try decode(
            """
            {"base":{"input_uncached":1,"output_text":1},"tiers":[
              {"above_input_tokens":9,"rates":{"input_uncached":3,"output_text":3}},
              {"above_input_tokens":5,"rates":{"input_uncached":2,"output_text":2}}],"later":true}
            """)
        #expect(card.tiers.map(\.aboveInputTokens) == [5, 9])
    }

    @Test(arguments: [
        "{}", "[]", #"{"base":{}}"#, #"{"base":{"input_uncached":1}}"#, #"{"base":{"output_text":1}}"#,
        #"{"base":{"input_uncached":"1","output_text":1}}"#, #"{"base":{"input_uncached":1.5,"output_text":1}}"#,
        #"{"base":{"input_uncached":1,"output_text":1},"tiers":[{"rates":{"input_uncached":1,"output_text":1}}]}"#,
    ])
    func `What lacks a rate is an error, not a price of zero`(text: String) {
        #expect(throws: DecodingError.self) { try decode(text) }
    }
}
