import Accounting
import Database
import Foundation
import GatewayConfig
import GatewayCore
import GatewayTestSupport
import Operations
import Store
import Testing

/// The refresh of the price list, from a source that the test plays.
@Suite(.timeLimit(.minutes(1))) struct PriceRefreshTests {
    /// Answers in turn, and records the tags that it was asked with.
    private final class Source: PriceListSource {
        let name: String
        let state: Watched<(answers: [PriceListAnswer], tags: [String?])>

        init(_ answers: PriceListAnswer..., name: String = "models.dev") {
            self.name = name
            state = Watched((answers, []))
        }

        func fetch(etag: String?) async throws -> PriceListAnswer {
            let answer: PriceListAnswer? = state.update { state in
                state.tags.append(etag)
                return state.answers.isEmpty ? nil : state.answers.removeFirst()
            }
            guard let answer else { throw NoAnswer() }
            return answer
        }

        private struct NoAnswer: Error, CustomStringConvertible {
            let description = "the server is on holiday"
        }
    }

    /// A list of ten models at `input` dollars, with other models besides.
    private static func list(_ input: Int = 1, models: Int = 10, more: String = "", etag: String? = "\"1\"")
        -> PriceListAnswer
    {
        let models = (0..<models).map { #""m\#($0)":{"cost":{"input":\#(input),"output":2}}"# }
        let text = #"{"openai":{"models":{\#((models + (more.isEmpty ? [] : [more])).joined(separator: ","))}}}"#
        return .list(Data(text.utf8), etag: etag)
    }

    private static let document = """
        providers:
          - { id: p, type: openai_compat, base_url: "http://127.0.0.1:9/v1", auth: { kind: none }, pricing_provider_id: openai }
        models: [{ id: m, routes: [{ provider: p, upstream_model: m1 }] }]

        """

    private static let builtIn = PriceList(
        PriceCatalogue(["openai": ["old": .init(rates: rates(5))]]), source: "models.dev (release), 1970-01-01")

    private static func rates(_ dollars: Int64) -> RateCard {
        RateCard(
            base: TokenRates(
                input: Money(nanodollars: dollars * 1_000_000_000), output: Money(nanodollars: 2_000_000_000)))
    }

    private func service(
        _ fixture: OperationsFixture, at time: Int64 = 1_000_000, builtIn: PriceList = Self.builtIn
    ) -> PriceService {
        PriceService(
            GatewayStore(fixture.opened.database) { time }, builtIn: builtIn, logger: fixture.log.logger)
    }

    private func withRouting(
        _ body: (OperationsFixture, StoredRouting, RouteConfiguration) async throws -> Void
    ) async throws {
        try await withOperations(Self.document) { fixture in
            let file = try fixture.load()
            _ = try await FileSeeding.seed(file, into: fixture.store)
            let routing = try await fixture.store.routing(file: file)
            try await body(fixture, routing, try #require(routing.models.first?.routes.first))
        }
    }

    @Test func `A fetched list has the prices from then on, here and in other gateways`() async throws {
        try await withRouting { fixture, routing, route in
            let (here, there) = (service(fixture), service(fixture))
            let before = try await there.prices(for: routing).price(of: route)
            #expect(before.terms == .unpriced(.noPrice))
            let result = try await here.refresh(from: Source(Self.list()), ifOlderThan: nil)
            guard case .updated(let changes, let leftOut) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(changes.added.count == 10 && changes.removed == ["openai/old"] && leftOut == [])
            let after = try await there.prices(for: routing).price(of: route)
            #expect(after.terms == .rates(Self.rates(1)) && after.provenance == "models.dev 1970-01-01")
            let restarted = try await service(fixture).prices(for: routing).price(of: route)
            #expect(restarted.pricingID == after.pricingID)
        }
    }

    @Test func `Two lists of a day do not take turns`() async throws {
        try await withRouting { fixture, routing, route in
            let (here, there) = (service(fixture), service(fixture))
            _ = try await here.refresh(from: Source(Self.list(1)), ifOlderThan: nil)
            _ = try await there.prices(for: routing)
            _ = try await here.refresh(from: Source(Self.list(3)), ifOlderThan: nil)
            for service in [there, here, there, here] {
                let price = try await service.prices(for: routing).price(of: route)
                #expect(price.terms == .rates(Self.rates(3)))
            }
            let rows = try await fixture.opened.database.read {
                try $0.query("SELECT id FROM model_pricing").count
            }
            #expect(rows == 2)
        }
    }

    @Test func `The tag is sent back, and a list that has not changed changes nothing`() async throws {
        try await withRouting { fixture, _, _ in
            let source = Source(
                Self.list(), .unchanged, Self.list(etag: "\"2\""), Self.list(etag: nil), Self.list(2), Self.list(2))
            let service = service(fixture)
            var results: [Bool] = []
            for _ in 0..<6 {
                let result = try await service.refresh(from: source, ifOlderThan: nil)
                results.append(result == .unchanged)
            }
            #expect(results == [false, true, true, true, false, true])
            #expect(source.state.value.tags == [nil, "\"1\"", "\"1\"", "\"2\"", nil, "\"1\""])
        }
    }

    @Test func `Another source gets no tag of this one, and its list may be small`() async throws {
        try await withRouting { fixture, _, _ in
            let service = service(fixture)
            _ = try await service.refresh(from: Source(Self.list()), ifOlderThan: nil)
            let own = Source(Self.list(models: 1), name: "prices.internal/list")
            let result = try await service.refresh(from: own, ifOlderThan: nil)
            guard case .updated = result else {
                Issue.record("\(result)")
                return
            }
            #expect(own.state.value.tags == [nil])
            let list = try await service.currentList()
            #expect(list.source == "prices.internal/list 1970-01-01")
        }
    }

    @Test func `No gateway asks again within the interval, whichever has asked`() async throws {
        try await withRouting { fixture, routing, _ in
            let source = Source(Self.list(), .unchanged)
            let (first, second) = (service(fixture), service(fixture, at: 61_000_000))
            _ = try await first.prices(for: routing)
            _ = try await second.prices(for: routing)
            _ = try await first.refresh(from: source, ifOlderThan: .seconds(120))
            let early = try await second.refresh(from: source, ifOlderThan: .seconds(120))
            #expect(early == .notDue(.seconds(60)))
            let late = try await second.refresh(from: source, ifOlderThan: .seconds(60))
            #expect(late == .unchanged && source.state.value.tags.count == 2)
        }
    }

    @Test func `A look of the future does not count`() async throws {
        try await withRouting { fixture, routing, _ in
            _ = try await service(fixture, at: 9_000_000_000).refresh(from: Source(Self.list()), ifOlderThan: nil)
            let service = service(fixture)
            _ = try await service.prices(for: routing)
            let result = try await service.refresh(from: Source(.unchanged), ifOlderThan: .seconds(60))
            #expect(result == .unchanged)
        }
    }

    @Test func `Nothing is fetched while no route has its price from the list`() async throws {
        try await withOperations { fixture in
            let service = service(fixture)
            let file = try fixture.load()
            _ = try await FileSeeding.seed(file, into: fixture.store)
            _ = try await service.prices(for: try await fixture.store.routing(file: file))
            let source = Source(Self.list())
            let result = try await service.refresh(from: source, ifOlderThan: .seconds(60))
            #expect(result == .notUsed && source.state.value.tags == [])
        }
    }

    @Test func `A bad entry is left out and named`() async throws {
        try await withRouting { fixture, _, _ in
            let source = Source(Self.list(more: #""bad":{"cost":{"input":-1,"output":1}}"#))
            let result = try await service(fixture).refresh(from: source, ifOlderThan: nil)
            guard case .updated(_, let leftOut) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(leftOut.map(\.entry) == ["openai/bad"])
        }
    }

    @Test(
        arguments: [
            (PriceListAnswer.list(Data("<html>".utf8), etag: nil), "not a JSON object"),
            (.list(Data([0xFF, 0xFE, 0x00]), etag: nil), "not a JSON object"),
            (.list(Data("{}".utf8), etag: nil), "no prices"),
            (.list(Data(), etag: nil), "not a JSON object"),
            (list(models: 4), "it has 4 models with prices, less than half of the 10 before"),
        ] as [(PriceListAnswer, String)])
    func `What is no list is refused, and the one before stays`(answer: PriceListAnswer, reason: String) async throws {
        try await withRouting { fixture, routing, route in
            let service = service(fixture)
            _ = try await service.refresh(from: Source(Self.list()), ifOlderThan: nil)
            let before = try await fixture.store.read { try $0.cachedPriceList() }
            let error = await #expect(throws: PriceRefreshError.self) {
                try await service.refresh(from: Source(answer), ifOlderThan: nil)
            }
            #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
            let after = try await fixture.store.read { try $0.cachedPriceList() }
            #expect(after == before)
            let price = try await service.prices(for: routing).price(of: route)
            #expect(price.terms == .rates(Self.rates(1)))
        }
    }

    @Test func `A source that fails is named with the reason`() async throws {
        try await withRouting { fixture, _, _ in
            let error = await #expect(throws: PriceRefreshError.self) {
                try await service(fixture).refresh(from: Source(), ifOlderThan: nil)
            }
            #expect(error?.description.hasSuffix("the server is on holiday") == true)
        }
    }

    @Test func `A release that is newer than the last look has its own list`() async throws {
        try await withRouting { fixture, routing, _ in
            _ = try await service(fixture).refresh(from: Source(Self.list()), ifOlderThan: nil)
            let newer = PriceList(Self.builtIn.catalogue, source: "models.dev (release), 1970-01-03")
            let service = service(fixture, builtIn: newer)
            _ = try await service.prices(for: routing)
            let list = try await service.currentList()
            #expect(list.source == newer.source)
            // The list of the source is current again from the next look on, and the whole of it is asked for.
            let source = Source(Self.list())
            _ = try await self.service(fixture, at: 3 * 86_400_000_000, builtIn: newer).refresh(
                from: source, ifOlderThan: nil)
            #expect(source.state.value.tags == [nil])
            let used = try await service.currentList()
            #expect(used.source == "models.dev 1970-01-04")
        }
    }

    @Test func `A stored list that cannot be read stops no start`() async throws {
        try await withRouting { fixture, routing, route in
            _ = try await service(fixture).refresh(from: Source(Self.list()), ifOlderThan: nil)
            try await fixture.opened.database.write { try $0.executeScript("UPDATE price_catalog SET content = 'x'") }
            let service = service(fixture)
            for _ in 0..<2 {
                let price = try await service.prices(for: routing).price(of: route)
                #expect(price.terms == .unpriced(.noPrice))
            }
            #expect(fixture.log.lines.value.count { $0.contains("price list in the database cannot be read") } == 1)
            let source = Source(Self.list(3))
            _ = try await service.refresh(from: source, ifOlderThan: nil)
            #expect(source.state.value.tags == [nil])
            let price = try await service.prices(for: routing).price(of: route)
            #expect(price.terms == .rates(Self.rates(3)))
        }
    }
}
