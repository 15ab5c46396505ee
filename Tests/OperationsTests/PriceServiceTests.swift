import Accounting
import Database
import Foundation
import GatewayConfig
import GatewayCore
import GatewayTestSupport
import Operations
import Routing
import Store
import Testing

/// What routes cost, from the price list through the database.
@Suite(.timeLimit(.minutes(1))) struct PriceServiceTests {
    /// Two providers with prices of the list, and routes of every kind.
    private static let text = """
        providers:
          - { id: sim, type: simulator }
          - { id: listed, type: openai_compat, base_url: "http://127.0.0.1:9/v1", auth: { kind: none }, pricing_provider_id: openai }
          - { id: other, type: openai_compat, base_url: "http://127.0.0.1:9/v1", auth: { kind: none } }
          - { id: vertex, type: gcp_vertex, project_id: p }
        models:
          - id: m
            routes:
              - { provider: listed, upstream_model: a }
              - { provider: listed, upstream_model: a, pricing: { input_per_million_usd: "7", output_per_million_usd: "8" } }
              - { provider: listed, upstream_model: a, pricing: free }
              - { provider: listed, upstream_model: absent }
              - { provider: listed, upstream_model: zero }
              - { provider: listed, upstream_model: a, extra_body: { service_tier: flex } }
              - { provider: listed, upstream_model: a, extra_body: { service_tier: default, user: x } }
              - { provider: listed, upstream_model: a, limits: { output_tokens: 5 } }
              - { provider: other, upstream_model: a, pricing: free, limits: { context_tokens: 6 } }
              - { provider: sim }
              - { provider: vertex, upstream_model: google/g }
              - { provider: vertex, upstream_model: anthropic/c@20250929 }
              - { provider: listed, upstream_model: a-2026-01-01 }

        """

    private static func rates(_ input: Int64) -> RateCard {
        RateCard(base: TokenRates(input: Money(nanodollars: input), output: Money(nanodollars: 10 * input)))
    }

    private static func catalogue(a: Int64 = 1) -> PriceCatalogue {
        PriceCatalogue([
            "openai": [
                "a": .init(rates: rates(a), contextTokens: 1000, outputTokens: 100),
                "zero": .init(rates: nil, contextTokens: 9),
            ],
            "google-vertex": ["g": .init(rates: rates(20))],
            "google-vertex-anthropic": ["c@default": .init(rates: rates(30))],
        ])
    }

    private func service(_ fixture: OperationsFixture, a: Int64 = 1, date: String = "2026-05-21") -> PriceService {
        PriceService(
            fixture.store, builtIn: PriceList(Self.catalogue(a: a), source: "models.dev \(date)"),
            logger: fixture.log.logger)
    }

    /// Runs `body` with the stored routing of the document.
    private func withRouting(
        _ body: (OperationsFixture, StoredRouting, [RouteConfiguration]) async throws -> Void
    ) async throws {
        try await withOperations(Self.text) { fixture in
            let file = try fixture.load()
            _ = try await FileSeeding.seed(file, into: fixture.store)
            let routing = try await fixture.store.routing(file: file)
            try await body(fixture, routing, try #require(routing.models.first).routes)
        }
    }

    @Test func `Every route has its price`() async throws {
        try await withRouting { fixture, routing, routes in
            let prices = try await service(fixture).prices(for: routing)
            let found = routes.map(prices.price(of:))
            #expect(
                found.map(\.terms) == [
                    .rates(Self.rates(1)), .rates(RateCard(base: TokenRates(input: dollars(7), output: dollars(8)))),
                    .free, .unpriced(.noPrice), .unpriced(.noPrice),
                    .unpriced(.billingModifier("extra_body.service_tier")), .rates(Self.rates(1)),
                    .rates(Self.rates(1)),
                    .free, .free, .rates(Self.rates(20)), .rates(Self.rates(30)), .rates(Self.rates(1)),
                ])
            #expect(
                found.map(\.isOwn) == [
                    false, true, true, false, false, false, false, false, true, true, false, false, false,
                ])
            #expect(found[0].provenance == "models.dev 2026-05-21" && found[1].provenance == "route")
            // The list's price has a row that the ledger names.
            let records = try await fixture.store.read { try $0.prices() }
            #expect(Set(records.map(\.price.model)) == ["anthropic/c@20250929", "google/g", "a", "a-2026-01-01"])
            #expect(found[0].pricingID != nil && records.map(\.id).contains(found[0].pricingID ?? ""))
            #expect(found[1].pricingID == nil && found[2].pricingID == nil && found[3].pricingID == nil)
        }
    }

    @Test func `A route's own limits go before the list's`() async throws {
        try await withRouting { fixture, routing, routes in
            let prices = try await service(fixture).prices(for: routing)
            let found = routes.map(prices.price(of:))
            #expect(found[0].contextTokens == 1000 && found[0].outputTokens == 100)
            #expect(found[7].contextTokens == 1000 && found[7].outputTokens == 5)
            #expect(found[8].contextTokens == 6 && found[8].outputTokens == nil)
            #expect(found[12].contextTokens == 1000, "the limits of the model under its other id")
        }
    }

    @Test func `A newer list gives new prices, and an older one leaves them`() async throws {
        try await withRouting { fixture, routing, routes in
            _ = try await service(fixture).prices(for: routing)
            let newer = try await service(fixture, a: 2, date: "2026-11-28").prices(for: routing)
            #expect(newer.price(of: routes[0]).terms == .rates(Self.rates(2)))
            let older = try await service(fixture).prices(for: routing)
            #expect(older.price(of: routes[0]).terms == .rates(Self.rates(2)))
        }
    }

    /// A write would wait for other writers, and wake every gateway.
    @Test func `Nothing is written where nothing changes, also by a newer list`() async throws {
        try await withRouting { fixture, routing, _ in
            _ = try await service(fixture).prices(for: routing)
            let before = try await fixture.store.changeVersion()
            _ = try await service(fixture, date: "2026-11-28").prices(for: routing)
            let after = try await fixture.store.changeVersion()
            #expect(after.any == before.any)
        }
    }

    @Test func `A command reads the prices without writing any`() async throws {
        try await withRouting { fixture, routing, routes in
            let before = try await service(fixture).storedPrices(for: routing)
            #expect(before.price(of: routes[0]).terms == .unpriced(.noPrice))
            #expect(before.price(of: routes[2]).terms == .free)
            let rows = try await fixture.store.read { try $0.prices() }
            #expect(rows == [])
        }
    }

    /// What is committed takes effect, since other gateways follow it already.
    @Test func `A reload whose prices cannot be written is in effect without them, and they are tried again`()
        async throws
    {
        let text = """
            providers:
              - { id: listed, type: openai_compat, base_url: "http://127.0.0.1:9/v1", auth: { kind: none }, pricing_provider_id: openai }
            models: [{ id: m, routes: [{ provider: listed, upstream_model: gpt-5-mini }] }]

            """
        try await withOperations(text) { fixture in
            let service = try fixture.configurationService()
            try await execute("ALTER TABLE model_pricing RENAME TO elsewhere", fixture)
            _ = try await service.reload()
            #expect(price(fixture.dataPlane.models.value)?.terms == .unpriced(.noPrice))
            #expect(
                fixture.log.lines.value.contains { $0.hasPrefix("error: Could not write the prices of new routes") })
            try await execute("ALTER TABLE elsewhere RENAME TO model_pricing", fixture)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await service.followChanges(retryInterval: .milliseconds(10)) }
                try await fixture.dataPlane.models.wait(for: "the prices", within: .seconds(20)) { models in
                    price(models)?.pricingID == nil ? nil : ()
                }
                tasks.cancelAll()
            }
        }
    }

    private func price(_ models: ModelCatalog) -> RoutePrice? {
        guard case .routes(let routes) = models.visible(to: .all).first?.target else { return nil }
        return routes.first?.price
    }

    private func execute(_ statement: String, _ fixture: OperationsFixture) async throws {
        try await fixture.opened.database.write { try $0.executeScript(statement) }
    }

    private func dollars(_ number: Int64) -> Money { Money(nanodollars: number * 1_000_000_000) }
}
