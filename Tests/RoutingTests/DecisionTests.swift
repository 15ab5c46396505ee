import GatewayCore
import Routing
import Testing

/// The decision about a request, by value.
@Suite struct DecisionTests {
    private static let models = [
        Model(id: "m", target: .routes([route("m/1", isEnabled: false), route("m/2"), route("m/3", weight: 3)])),
        Model(id: "nick", target: .alias(of: "m")),
        Model(id: "off", target: .routes([route("off/1", isEnabled: false), route("off/2", provider: "gone")])),
        Model(
            id: "keeps",
            target: .routes([route("keeps/1"), route("keeps/2", stores: true), route("keeps/3", stores: true)])),
    ]
    private static let kept = StoredResponse(id: "resp_1", owner: .team("core"), route: "keeps/3", provider: "good")

    private static func route(
        _ id: String, provider: String = "good", weight: Double = 1, isEnabled: Bool = true, stores: Bool = false
    ) -> Route {
        Route(
            id: id, provider: provider, upstreamModel: "up", weight: weight, isEnabled: isEnabled,
            adjustments: RouteAdjustments(storesResponses: stores))
    }

    private static func key(
        owner: KeyOwner = .team("core"), grant: ModelGrant = .all, expiresAt: Int64? = nil
    ) -> KeyRecord {
        KeyRecord(
            id: "1", publicID: "publicid", name: "k", owner: owner, grant: grant, secrets: [], createdAt: 0,
            expiresAt: expiresAt, revokedAt: nil)
    }

    private func decide(
        _ model: String = "m", _ key: PresentedKey = .recordOnly(key()), required: CapabilitySet = [.chatCompletions],
        stateField: String? = nil, continuing id: String? = nil, previous: PreviousResponse = .notLookedUp,
        models: [Model] = models, condition: (Route) -> RouteHealth.Condition = { _ in .open }
    ) -> Decision {
        var random = SystemRandomNumberGenerator()
        return RoutingSnapshot(
            models: ModelCatalog(models), providers: ["good": .ready([.chatCompletions, .responses])], loadedAt: 0
        ).decide(
            ModelRequest(
                operation: .responses, model: model, required: required, stateField: stateField, previousResponseID: id),
            key: key, previous: previous, now: 100,
            condition: condition, using: &random)
    }

    private func plan(_ decision: Decision) throws -> RoutePlan {
        guard case .planned(let plan) = decision.outcome else {
            throw try #require(decision.refusal?.error)
        }
        return plan
    }

    private func verdicts(_ decision: Decision) -> [Decision.Verdict] {
        Decision.Stage.allCases.map(decision.verdict)
    }

    @Test func `An accepted request has passed every stage and has a plan`() throws {
        let decision = decide("nick")
        #expect(decision.model?.id == "m" && decision.model?.aliases == ["nick"])
        let plan = try plan(decision)
        #expect(Set(plan.kept.map(\.id)) == ["m/2", "m/3"] && plan.dropped.map(\.reason) == [.disabled])
        #expect(verdicts(decision) == [.passed, .passed, .passed, .passed] && decision.refusal == nil)
    }

    @Test func `The first stage that refuses ends the decision`() throws {
        let expired = PresentedKey.recordOnly(Self.key(grant: .listed([]), expiresAt: 100))
        let ungranted = PresentedKey.recordOnly(Self.key(grant: .listed([])))
        // Each has the causes of all that follow.
        let cases: [(Decision, Decision.Stage, ErrorCode)] = [
            (decide("off", expired, stateField: "conversation"), .authenticate, .apiKeyExpired),
            (decide("off", ungranted, stateField: "conversation"), .read, .unsupportedParameter),
            (decide("off", ungranted), .resolve, .modelNotAllowed),
            (decide("off"), .plan, .noRouteAvailable),
        ]
        for (position, (decision, stage, code)) in cases.enumerated() {
            let refusal = try #require(decision.refusal)
            #expect(refusal.stage == stage && refusal.error.code == code)
            let rest = Array(repeating: Decision.Verdict.notReached, count: 3 - position)
            #expect(verdicts(decision) == Array(repeating: .passed, count: position) + [.refused] + rest)
            #expect((decision.model != nil) == (stage == .plan))
            #expect(refusal.dropped.map(\.reason) == (stage == .plan ? [.disabled, .providerMissing] : []))
        }
    }

    @Test func `A verified key is not checked again`() throws {
        #expect(decide("m", .verified(Self.key(expiresAt: 100))).refusal == nil)
        #expect(decide("m", .recordOnly(Self.key(expiresAt: 100))).refusal?.stage == .authenticate)
    }

    @Test func `What a request needs decides between its routes`() {
        let refusal = decide(required: [.chatCompletions, .tools]).refusal
        #expect(refusal?.error.code == .noRouteAvailable)
        #expect(refusal?.dropped.map(\.reason) == [.disabled, .lacksCapability([.tools]), .lacksCapability([.tools])])
    }

    @Test func `The condition is asked once of each route that could serve the request`() throws {
        var asked: [String] = []
        let decision = decide { route in
            asked.append(route.id)
            return route.id == "m/2" ? .coolingDown(until: 200) : .probing
        }
        #expect(asked == ["m/2", "m/3"])
        #expect(try plan(decision).kept.map(\.id) == ["m/3"])
        #expect(try plan(decision).dropped.map(\.reason) == [.disabled, .coolingDown(until: 200)])
    }

    // MARK: Stored responses

    @Test func `A request that continues a response goes to the route that keeps it`() throws {
        for _ in 0..<20 {
            let decision = decide("keeps", continuing: "resp_1", previous: .lookedUp(Self.kept))
            #expect(try plan(decision).kept == [PlannedRoute(index: 2, id: "keeps/3", provider: "good")])
        }
    }

    @Test func `Routes that have moved are found by their provider`() throws {
        let moved = [Model(id: "keeps", target: .routes([Self.route("keeps/1"), Self.route("keeps/2", stores: true)]))]
        let decision = decide("keeps", continuing: "resp_1", previous: .lookedUp(Self.kept), models: moved)
        #expect(try plan(decision).kept.map(\.id) == ["keeps/2"])
    }

    @Test func `The response is looked up only for a request that would otherwise be planned`() {
        func isNeeded(_ decision: Decision) -> Bool {
            if case .needsPreviousResponse("resp_1") = decision.outcome { true } else { false }
        }
        let needed = decide("keeps", continuing: "resp_1")
        #expect(isNeeded(needed) && verdicts(needed) == [.passed, .passed, .passed, .notReached])
        #expect(!isNeeded(decide("unknown", continuing: "resp_1")))
        #expect(!isNeeded(decide("keeps", stateField: "prompt", continuing: "resp_1")))
        #expect(!isNeeded(decide("m", continuing: "resp_1")))
        #expect(!isNeeded(decide("keeps")))
    }

    @Test func `A model without a route that stores continues nothing`() {
        let refusal = decide("m", continuing: "resp_1", previous: .lookedUp(Self.kept)).refusal
        #expect(refusal?.stage == .plan && refusal?.error.code == .unsupportedParameter)
        #expect(refusal?.error.param == "previous_response_id")
    }

    @Test func `A response of another owner is refused as one that does not exist`() throws {
        let theirs = decide(
            "keeps", .verified(Self.key(owner: .team("blue"))), continuing: "resp_1", previous: .lookedUp(Self.kept))
        let unknown = decide("keeps", continuing: "resp_1", previous: .lookedUp(nil))
        #expect(theirs.refusal?.error.code == .notFound && theirs.refusal?.stage == .plan)
        #expect(theirs.refusal?.error == unknown.refusal?.error)
    }

    @Test func `A provider that has left the model keeps nothing for it`() {
        let elsewhere = StoredResponse(id: "resp_1", owner: .team("core"), route: "keeps/2", provider: "other")
        let refusal = decide("keeps", continuing: "resp_1", previous: .lookedUp(elsewhere)).refusal
        #expect(refusal?.error.code == .notFound)
    }
}
