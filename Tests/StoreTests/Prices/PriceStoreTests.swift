import Database
import GatewayCore
import Store
import Testing

extension EngineSuites {
    /// The prices of upstream models over time, on every engine.
    @Suite struct PriceStoreTests {
        private static let actor = AuditActor(kind: .system, name: "price-list")

        private static func card(_ input: Int64, tier: Int64? = nil) -> RateCard {
            func rates(_ input: Int64) -> TokenRates {
                TokenRates(
                    input: Money(nanodollars: input), output: Money(nanodollars: 4 * input),
                    cacheRead: Money(nanodollars: 1))
            }
            let tiers = tier.map { [RateCard.Tier(aboveInputTokens: 200_000, rates: rates($0))] } ?? []
            return RateCard(base: rates(input), tiers: tiers)
        }

        private static func price(_ model: String, _ rates: RateCard, list date: String = "2026-05-21") -> ListedPrice {
            ListedPrice(provider: "p", model: model, rates: rates, provenance: "models.dev \(date)")
        }

        /// A row of the table, ended ones too.
        private struct Span: Equatable {
            let model: String
            let from: Int64
            let until: Int64?
        }

        private func spans(_ database: any Database) async throws -> [Span] {
            try await database.read { connection in
                try connection.query(
                    """
                    SELECT upstream_model, effective_from, effective_until FROM model_pricing
                    ORDER BY upstream_model, effective_from
                    """
                ).map { row in
                    Span(
                        model: try row.text("upstream_model"), from: try row.int64("effective_from"),
                        until: try row.optionalInt64("effective_until"))
                }
            }
        }

        @discardableResult
        private func put(_ prices: [ListedPrice], into store: GatewayStore) async throws -> [PriceRecord] {
            try await store.transaction(by: Self.actor) { try $0.putPrices(prices) }
        }

        /// Whether no two rows of a model are in effect at one time, and none has a gap before the next.
        private func expectSequence(_ spans: [Span]) {
            for (before, after) in zip(spans, spans.dropFirst()) where before.model == after.model {
                #expect(before.until == after.from, "\(before) then \(after)")
            }
            #expect(spans.allSatisfy { $0.until ?? .max > $0.from }, "\(spans)")
        }

        @Test(arguments: TestEngine.allCases)
        func `Prices are read as they were written, tiers included`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                let written = [
                    Self.price("a", Self.card(250_000_000, tier: 500_000_000)), Self.price("b", Self.card(0)),
                ]
                let returned = try await put(written.reversed(), into: store)
                let read = try await store.read { try $0.prices() }
                #expect(read == returned && read.map(\.price) == written)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A new price ends the one before it`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let first = try await put([Self.price("a", Self.card(1)), Self.price("b", Self.card(1))], into: store)
                let second = try await put([Self.price("a", Self.card(2))], into: store)
                #expect(second.map(\.price.rates) == [Self.card(2), Self.card(1)])
                #expect(second[0].id != first[0].id && second[1].id == first[1].id)
                let spans = try await spans(database)
                #expect(spans.map(\.model) == ["a", "a", "b"] && spans.map { $0.until == nil } == [false, true, true])
                expectSequence(spans)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `The same price makes no row, also from a newer list`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let first = try await put([Self.price("a", Self.card(1))], into: store)
                let version = try await store.changeVersion()
                let again = try await put([Self.price("a", Self.card(1), list: "2026-11-28")], into: store)
                #expect(again == first)
                let after = try await store.changeVersion()
                #expect(after.any == version.any)
                let rows = try await spans(database).count
                #expect(rows == 1)
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `An older list changes nothing but adds models`(engine: TestEngine) async throws {
            try await engine.withStore { store, _ in
                try await put([Self.price("a", Self.card(2), list: "2026-11-28")], into: store)
                let after = try await put([Self.price("a", Self.card(1)), Self.price("b", Self.card(3))], into: store)
                #expect(after.map(\.price.rates) == [Self.card(2), Self.card(3)])
                // Of the same day, the later word counts.
                let corrected = try await put([Self.price("a", Self.card(5), list: "2026-11-28")], into: store)
                #expect(corrected[0].price.rates == Self.card(5))
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A clock that was set back makes no overlap`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                for (time, input) in [(5_000, 1), (1_000, 2), (1_000, 3), (5_002, 4), (9_000, 5)] as [(Int64, Int64)] {
                    try await put([Self.price("a", Self.card(input))], into: GatewayStore(database) { time })
                }
                let spans = try await spans(database)
                #expect(spans.map(\.from) == [5_000, 5_001, 5_002, 5_003, 9_000])
                expectSequence(spans)
                let current = try await store.read { try $0.prices() }
                #expect(current.map(\.price.rates) == [Self.card(5)])
            }
        }

        @Test(arguments: TestEngine.allCases)
        func `A change is audited, and all gateways follow it`(engine: TestEngine) async throws {
            try await engine.withStore { store, database in
                let before = try await store.changeVersion()
                try await put([Self.price("a", Self.card(1)), Self.price("b", Self.card(1))], into: store)
                let after = try await store.changeVersion()
                #expect(after.routing > before.routing)
                let rows = try await auditRows(database)
                #expect(rows.map(\.action) == ["prices.update"] && rows.map(\.actor) == ["system:price-list"])
                #expect(rows.first?.after == #"{"models":2}"#)
            }
        }
    }
}
