import GatewayCore
import Routing
import Testing

/// The words for a decision. What is decided is the subject of `DecisionTests`.
@Suite struct ExplainerTests {
    private static let models = [
        Model(id: "m", target: .routes([route("m/1"), route("m/2"), route("m/3", isEnabled: false)])),
        Model(id: "nick", target: .alias(of: "m")),
        Model(id: "keeps", target: .routes([route("keeps/1"), route("keeps/2", stores: true)])),
    ]

    private static func route(_ id: String, isEnabled: Bool = true, stores: Bool = false) -> Route {
        Route(
            id: id, provider: "good", upstreamModel: "up", isEnabled: isEnabled,
            adjustments: RouteAdjustments(storesResponses: stores))
    }

    private static func key(limits: [ModelAccess.Limit] = []) -> KeyRecord {
        KeyRecord(
            id: "1", publicID: "publicid", name: "k", owner: .team("core"), grant: .all, limits: limits, secrets: [],
            createdAt: 0, expiresAt: nil, revokedAt: nil)
    }

    private func explain(
        _ request: ModelRequest, key: KeyRecord = key(), previous: StoredResponse? = nil,
        health: @escaping @Sendable (Route) -> RouteHealth? = { _ in nil }
    ) -> Explanation {
        Explainer(
            snapshot: RoutingSnapshot(
                models: ModelCatalog(Self.models),
                providers: ["good": .ready([.chatCompletions, .responses, .embeddings])], loadedAt: 0), health: health,
            now: 1_000_000
        ).explain(ExplainRequest(key: key, request: request, previous: previous))
    }

    @Test(arguments: APIOperation.allCases)
    func `Every operation is explained, stage by stage`(operation: APIOperation) {
        let limited = Self.key(limits: [.init(.team("core"), .listed(["nick"]))])
        let explanation = explain(
            ModelRequest(operation: operation, model: "nick", required: [operation.capability]), key: limited)
        #expect(explanation.status == 200 && explanation.code == nil && explanation.operation == operation.rawValue)
        #expect(explanation.stages.map(\.name) == ["authenticate", "read", "resolve", "plan"])
        #expect(
            explanation.stages.map(\.finding) == [
                "the key is valid, and its owner, team:core, is active",
                "a route has to support \(operation.capability.rawValue)",
                "nick → m; allowed by the team core", "2 of 3 routes can serve it",
            ])
        #expect(explanation.routes.map(\.isKept) == [true, true, false])
        #expect(explanation.routes[2].finding == "is disabled")
        #expect(explanation.routes[2].setting == "models[m].routes[3].enabled")
    }

    @Test func `A refusal has its setting, and what follows is not reached`() {
        let limited = Self.key(limits: [.init(.user("ann@example.com"), .listed([]))])
        let explanation = explain(
            ModelRequest(operation: .chat, model: "m", required: [.chatCompletions]), key: limited)
        #expect(explanation.stages.map(\.verdict) == [.passed, .passed, .refused, .notReached])
        #expect(explanation.stages[2].finding == explanation.message)
        #expect(explanation.stages[2].setting == "users[ann@example.com].allowed_models")
        #expect(explanation.stages[3].finding == "is not reached" && explanation.routes.isEmpty)
        #expect(explanation.status == 403 && explanation.code == "model_not_allowed")
    }

    @Test func `The health of a route is part of its words`() {
        let policy = RouteHealth.Policy(failures: 2, cooldown: 9_000_000)
        var failed = RouteHealth()
        failed.end(.failed, wasProbe: false, at: 0, policy: policy)
        var limited = RouteHealth()
        limited.end(.limited(9_000_000), wasProbe: false, at: 0, policy: policy)
        let health = [failed, limited]
        let explanation = explain(ModelRequest(operation: .chat, model: "m", required: [.chatCompletions])) { route in
            route.id == "m/1" ? health[0] : health[1]
        }
        #expect(explanation.routes[0].finding == "is tried; it has failed 1 times in a row")
        #expect(explanation.routes[1].finding == "cools down until 1970-01-01T00:00:09Z")
        #expect(explanation.routes[1].reason == "cooling_down(9000000)" && explanation.routes[1].odds == nil)
        let last = explain(ModelRequest(operation: .chat, model: "m", required: [.chatCompletions])) { _ in health[1] }
        #expect(last.stages[3].finding == "1 of 3 routes can serve it; it is cooling down, and no other route is left")
        #expect(
            last.routes[0].finding
                == "cools down until 1970-01-01T00:00:09Z, and is tried because no other route is left")
    }

    @Test func `A response that the request continues is followed to its route`() {
        let request = ModelRequest(
            operation: .responses, model: "keeps", required: [.responses], previousResponseID: "resp_1")
        let owned = StoredResponse(id: "resp_1", owner: .team("core"), route: "keeps/2", provider: "good")
        let explanation = explain(request, previous: owned)
        #expect(explanation.routes.map(\.id) == ["keeps/2"])
        #expect(explanation.stages[1].finding.contains("it continues the response resp_1"))
        let unknown = explain(request)
        #expect(unknown.status == 404 && unknown.stages[3].verdict == .refused && unknown.routes.isEmpty)
        let unkept = explain(
            ModelRequest(operation: .responses, model: "m", required: [.responses], previousResponseID: "resp_1"))
        #expect(unkept.stages[3].setting == "models[m].routes[].allow_stored_responses")
    }

    @Test func `The price of a route and where it comes from are explained`() throws {
        let tier = RateCard.Tier(
            aboveInputTokens: 200_000,
            rates: TokenRates(input: Money(nanodollars: 2_500_000_000), output: Money(nanodollars: 15_000_000_000)))
        let card = RateCard(
            base: TokenRates(input: Money(nanodollars: 1_250_000_000), output: Money(nanodollars: 10_000_000_000)),
            tiers: [tier])
        let prices: [RoutePrice] = [
            RoutePrice(.rates(card), pricingID: "1", provenance: "models.dev 2026-05-21"), .free, .unknown,
            RoutePrice(.unpriced(.billingModifier("extra_body.service_tier"))),
        ]
        let routes = prices.enumerated().map {
            Route(id: "m/\($0 + 1)", provider: "good", upstreamModel: "up", price: $1)
        }
        let explanation = Explainer(
            snapshot: RoutingSnapshot(
                models: ModelCatalog([Model(id: "m", target: .routes(routes))]),
                providers: ["good": .ready([.chatCompletions])], loadedAt: 0), health: { _ in nil }, now: 1_000_000
        ).explain(
            ExplainRequest(
                key: Self.key(), request: ModelRequest(operation: .chat, model: "m", required: [.chatCompletions]),
                previous: nil))
        let shown = explanation.routes.map(\.price)
        #expect(shown.map(\.status) == ["priced", "free", "unpriced", "unpriced"])
        #expect(shown.map(\.source) == ["models.dev 2026-05-21", "route", nil, nil])
        #expect(shown.map(\.reason) == [nil, nil, "no_price", "billing_modifier:extra_body.service_tier"])
        #expect(shown[0].rates.map(\.aboveInputTokens) == [nil, 200_000])
        #expect(shown[0].rates[0].rates["input_uncached"] == "1.25")
        #expect(shown[0].rates[0].rates["output_reasoning"] == "10.00", "priced as its parent")
        #expect(shown[0].rates[0].rates["input_audio"] == nil)
        #expect(shown[0].rates[1].rates["output_text"] == "15.00")
        #expect(
            shown.map(\.summary) == [
                "1.25 in, 10.00 out, more for long inputs", "free", "unpriced: no_price",
                "unpriced: billing_modifier:extra_body.service_tier",
            ])
    }
}
