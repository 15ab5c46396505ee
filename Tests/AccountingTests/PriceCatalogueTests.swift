import Accounting
import Foundation
import GatewayCore
import Testing

@Suite struct PriceCatalogueTests {
    private func read(_ json: String) throws -> (PriceCatalogue, warnings: [PriceCatalogue.Warning]) {
        try PriceCatalogue.read(Data(json.utf8))
    }

    private let good = #""good":{"cost":{"input":1,"output":2}}"#

    @Test func `Prices and limits are read`() throws {
        let (catalogue, warnings) = try read(
            """
            {"p": {"name": "P", "models": {"m": {"name": "M",
              "cost": {"input": 1.25, "output": 10, "cache_read": 0.125, "cache_write": 1.5, "reasoning": 12,
                "input_audio": 3, "output_audio": 4.5, "unknown": "x",
                "tiers": [{"input": 2.5, "output": 15, "cache_read": 0.25, "tier": {"type": "context", "size": 272000}}],
                "context_over_200k": {"input": 9, "output": 9}},
              "limit": {"context": 1048576, "output": 65536}}}}}
            """)
        #expect(warnings == [])
        let entry = try #require(catalogue.entry(provider: "p", model: "m")?.entry)
        #expect(entry.contextTokens == 1_048_576 && entry.outputTokens == 65_536)
        let base = try #require(entry.rates?.base)
        #expect(
            TokenClass.allCases.map { base.rate(of: $0)?.decimal } == [
                "1.25", "0.125", "1.50", "3.00", "10.00", "12.00", "4.50",
            ])
        #expect(entry.rates?.tiers.map(\.aboveInputTokens) == [272_000])
        #expect(entry.rates?.tiers.first?.rates.cacheRead?.decimal == "0.25")
    }

    @Test func `The old form of a tier is read where there is no new one`() throws {
        let (catalogue, _) = try read(
            #"{"p":{"models":{"m":{"cost":{"input":1,"output":2,"context_over_200k":{"input":3,"output":4}}}}}}"#)
        let tiers = catalogue.entry(provider: "p", model: "m")?.entry.rates?.tiers
        #expect(tiers?.map(\.aboveInputTokens) == [200_000])
        #expect(tiers?.first?.rates.output.decimal == "4.00")
    }

    @Test func `Traces of floating-point arithmetic are rounded off`() throws {
        let (catalogue, _) = try read(
            #"{"p":{"models":{"m":{"cost":{"input":0.30000000000000004,"output":0.049999999999999996}}}}}"#)
        let rates = catalogue.entry(provider: "p", model: "m")?.entry.rates?.base
        #expect(rates?.input.decimal == "0.30" && rates?.output.decimal == "0.05")
    }

    /// Only a route's own `pricing: free` makes something free.
    @Test(arguments: [#"{"cost":{"input":0,"output":0}}"#, "{}", #"{"limit":{"context":0,"output":0}}"#])
    func `No price and a price of zero are no price`(model: String) throws {
        let (catalogue, warnings) = try read(#"{"p":{"models":{"m":\#(model),\#(good)}}}"#)
        let entry = try #require(catalogue.entry(provider: "p", model: "m")?.entry)
        #expect(entry.rates == nil && entry.contextTokens == nil && warnings == [])
    }

    @Test(arguments: [
        #"{"cost":{"input":-1,"output":2}}"#, #"{"cost":{"input":1,"output":2,"cache_read":-0.1}}"#,
        #"{"cost":{"input":"1","output":2}}"#, #"{"cost":{"input":1}}"#, #"{"cost":{"input":1e30,"output":2}}"#,
        #"{"cost":{"input":1000000.1,"output":2}}"#, #"{"cost":[]}"#, #"{"limit":{"context":"many"}}"#, "[]", "7",
        #"{"cost":{"input":1,"output":2,"tiers":[{"input":1,"output":2,"tier":{"type":"time","size":1}}]}}"#,
        #"{"cost":{"input":1,"output":2,"tiers":[{"input":1,"tier":{"type":"context","size":1}}]}}"#,
        #"{"limit":{"context":9223372036854775808}}"#,
    ])
    func `A bad entry is left out with a warning, and no other`(model: String) throws {
        let (catalogue, warnings) = try read(#"{"p":{"models":{"bad":\#(model),\#(good)}},"q":7}"#)
        #expect(catalogue.entry(provider: "p", model: "bad") == nil)
        #expect(catalogue.entry(provider: "p", model: "good") != nil)
        #expect(warnings.map(\.entry) == ["p/bad", "q"])
    }

    @Test(arguments: ["", "[]", "x", "null", #"{"p":"#])
    func `What is no list is an error`(text: String) {
        #expect(throws: PriceCatalogue.ReadingError.malformed) { try read(text) }
    }

    @Test(arguments: ["{}", #"{"p":{"models":{}}}"#, #"{"p":{"models":{"m":{}}}}"#, #"{"error":"later"}"#])
    func `A list without a price does not replace one with prices`(text: String) {
        #expect(throws: PriceCatalogue.ReadingError.empty) { try read(text) }
    }

    @Test func `A list that is too large is not read`() {
        let large = Data(repeating: UInt8(ascii: " "), count: PriceCatalogue.maxBytes + 1)
        #expect(throws: PriceCatalogue.ReadingError.tooLarge(large.count)) { try PriceCatalogue.read(large) }
    }

    @Test(arguments: [
        ("claude-sonnet-4-5", "claude-sonnet-4-5"), ("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"), ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic/claude-sonnet-4-5@20250929", "claude-sonnet-4-5"), ("claude-opus-4-6", "claude-opus-4-6@default"),
        ("anthropic/claude-opus-4-6@20260101", "claude-opus-4-6@default"), ("gpt-5-2025-08-07", "gpt-5"),
        ("gpt-5-latest", "gpt-5"), ("vendor/own", "vendor/own"),
    ])
    func `A model is found under the id that the list has`(model: String, id: String) throws {
        let ids = ["claude-sonnet-4-5", "claude-opus-4-6@default", "gpt-5", "vendor/own", "own"]
        let models = ids.map { #""\#($0)":{"cost":{"input":1,"output":2}}"# }.joined(separator: ",")
        let (catalogue, _) = try read(#"{"p":{"models":{\#(models)}}}"#)
        #expect(catalogue.entry(provider: "p", model: model)?.id == id)
    }

    @Test(arguments: ["gpt-5-mini", "gpt", "gpt-5-20", "x/y", "", "@", "/", "-20250929"])
    func `Another model is not taken for it`(model: String) throws {
        let (catalogue, _) = try read(#"{"p":{"models":{"gpt-5":{"cost":{"input":1,"output":2}}}}}"#)
        #expect(catalogue.entry(provider: "p", model: model) == nil)
        #expect(catalogue.entry(provider: "q", model: "gpt-5") == nil)
    }

    @Test func `The built-in list has prices of the large providers, and no bad entry`() throws {
        let catalogue = PriceList.builtIn.catalogue
        #expect(PriceList.builtIn.source.hasPrefix("models.dev"))
        #expect(catalogue.providerIDs.count > 100)
        let known = [
            ("openai", "gpt-5-mini"), ("anthropic", "claude-sonnet-4-5"), ("google", "gemini-2.5-pro"),
            ("google-vertex", "gemini-2.5-pro"), ("google-vertex-anthropic", "claude-sonnet-4-5@20250929"),
        ]
        for (provider, model) in known {
            #expect(catalogue.entry(provider: provider, model: model)?.entry.rates != nil, "\(provider)/\(model)")
        }
        #expect(catalogue.entry(provider: "google", model: "gemini-2.5-pro")?.entry.rates?.tiers.count == 1)
    }

    @Test func `What a newer list says differently is told by model`() throws {
        let (old, _) = try read(
            #"{"p":{"models":{"same":{"cost":{"input":1,"output":2}},"gone":{"cost":{"input":1,"output":2}},"dearer":{"cost":{"input":1,"output":2}},"free":{}}}}"#
        )
        let (new, _) = try read(
            #"{"p":{"models":{"same":{"cost":{"input":1,"output":2}},"dearer":{"cost":{"input":2,"output":2}},"free":{"cost":{"input":1,"output":2}}}},"q":{"models":{"a":{"cost":{"input":1,"output":2}},"b":{}}}}"#
        )
        let changes = PriceListChanges(from: old, to: new)
        #expect(
            changes.added == ["p/free", "q/a"] && changes.repriced == ["p/dearer"] && changes.removed == ["p/gone"])
        #expect(!changes.isEmpty && PriceListChanges(from: new, to: new).isEmpty)
        #expect(old.pricedModels == 3 && new.pricedModels == 4)
    }
}
