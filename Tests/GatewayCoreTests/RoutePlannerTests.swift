import GatewayCore
import Testing

@Suite struct RoutePlannerTests {
    static func route(
        _ name: String, provider: String = "good", priority: Int = 100, weight: Double = 1, isEnabled: Bool = true,
        capabilities: CapabilitySet = .all
    ) -> Route {
        Route(
            id: name, provider: provider, upstreamModel: "u", priority: priority, weight: weight, isEnabled: isEnabled,
            capabilities: capabilities)
    }

    static func model(_ routes: [Route]) throws -> ResolvedModel {
        try ModelCatalog([Model(id: "m", target: .routes(routes))]).resolve("m", access: .all)
    }

    static func availability(of provider: String) -> ProviderAvailability {
        switch provider {
        case "good": .ready([.chatCompletions, .stream, .tools])
        case "keyless": .credentialsMissing("set KEY")
        default: .missing
        }
    }

    static func plan(
        _ routes: [Route], required: CapabilitySet = [.chatCompletions], seed: UInt64 = 1
    ) throws -> RoutePlan {
        var random = SeededGenerator(seed)
        return RoutePlanner.plan(try model(routes), required: required, availability: availability, using: &random)
    }

    static func refusal(_ routes: [Route], required: CapabilitySet = [.chatCompletions]) throws -> GatewayError {
        let plan = try plan(routes, required: required)
        #expect(plan.kept.isEmpty && plan.dropped.count == routes.count)
        return plan.refusal(of: "m")
    }

    @Test(arguments: [
        (route("x", isEnabled: false), DropReason.disabled, "disabled"),
        (route("x", weight: 0), .weightNotPositive, "weight_not_positive"),
        (route("x", weight: -1), .weightNotPositive, "weight_not_positive"),
        (route("x", weight: .nan), .weightNotPositive, "weight_not_positive"),
        (route("x", provider: "gone"), .providerMissing, "provider_missing"),
        (
            route("x", provider: "keyless"), .providerCredentialsMissing("set KEY"), "provider_credentials_missing"
        ),
        (
            route("x", capabilities: [.chatCompletions, .stream]), .lacksCapability([.tools]), "lacks_capability(tools)"
        ),
        (
            route("x", capabilities: [.embeddings]), .lacksCapability([.chatCompletions, .tools]),
            "lacks_capability(chat_completions, tools)"
        ),
    ])
    func `Drops with its reason`(bad: Route, reason: DropReason, text: String) throws {
        let plan = try Self.plan([bad, Self.route("kept")], required: [.chatCompletions, .tools])
        #expect(plan.kept == [PlannedRoute(index: 1, id: "kept", provider: "good")])
        #expect(plan.dropped == [DroppedRoute(index: 0, id: "x", provider: bad.provider, reason: reason)])
        #expect(reason.text == text)
    }

    @Test func `What the provider cannot do is lacking too`() throws {
        let error = try Self.refusal([Self.route("x")], required: [.chatCompletions, .vision])
        #expect(error.code == .capabilityNotSupported)
        #expect(error.message.contains("vision"))
        #expect(error.source == .client)
    }

    @Test func `Lower priorities come first`() throws {
        let routes = [
            Self.route("c", priority: 3), Self.route("a", priority: -1, weight: 0.001),
            Self.route("b", priority: 2, weight: 99),
        ]
        for seed in 0..<50 {
            #expect(try Self.plan(routes, seed: UInt64(seed)).kept.map(\.id) == ["a", "b", "c"])
        }
    }

    @Test func `Weights divide the first place`() throws {
        let model = try Self.model([
            Self.route("nine", weight: 9), Self.route("one", weight: 1), Self.route("zero", weight: 0),
        ])
        var random = SeededGenerator(7)
        var first: [String: Int] = [:]
        for _ in 0..<10_000 {
            let plan = RoutePlanner.plan(
                model, required: [], availability: Self.availability, using: &random)
            #expect(plan.kept.count == 2)
            first[plan.kept[0].id, default: 0] += 1
        }
        // Binomial with p = 0.9: the standard deviation is 30; five of them.
        #expect(abs((first["nine"] ?? 0) - 9000) < 150, "\(first)")
        #expect(first["zero"] == nil)
    }

    @Test func `Draws without replacement`() throws {
        let model = try Self.model([
            Self.route("six", weight: 6), Self.route("three", weight: 3), Self.route("one", weight: 1),
        ])
        var random = SeededGenerator(8)
        var firsts = 0
        var seconds = 0
        for _ in 0..<10_000 {
            let ids = RoutePlanner.plan(
                model, required: [], availability: Self.availability, using: &random
            ).kept.map(\.id)
            #expect(Set(ids).count == 3)
            guard ids[0] == "six" else { continue }
            firsts += 1
            if ids[1] == "three" { seconds += 1 }
        }
        // Six of ten come first; of what is left then, three of four come second. Five standard deviations each.
        #expect(abs(firsts - 6000) < 245, "\(firsts)")
        #expect(abs(Double(seconds) / Double(firsts) - 0.75) < 0.028, "\(seconds) of \(firsts)")
    }

    @Test func `What cools down is dropped unless nothing else is left`() throws {
        let model = try Self.model([Self.route("a"), Self.route("b", priority: 1), Self.route("c")])
        var random = SeededGenerator(3)
        func plan(coolingDown: [String: Int64]) -> RoutePlan {
            RoutePlanner.plan(
                model, required: [], availability: Self.availability,
                condition: { route in coolingDown[route.id].map { .coolingDown(until: $0) } ?? .open }, using: &random)
        }
        let some = plan(coolingDown: ["b": 70, "c": 50])
        #expect(some.kept.map(\.id) == ["a"] && !some.isLastResort)
        #expect(some.dropped.map(\.reason) == [.coolingDown(until: 70), .coolingDown(until: 50)])
        let all = plan(coolingDown: ["a": 60, "b": 70, "c": 50])
        #expect(all.kept.map(\.id) == ["c"] && all.isLastResort)
        #expect(all.dropped.map(\.id) == ["a", "b"])
    }

    @Test func `A pinned route is the only candidate`() throws {
        let model = try Self.model([Self.route("a"), Self.route("b", isEnabled: false), Self.route("c")])
        var random = SeededGenerator(3)
        func plan(_ pinned: Int) -> RoutePlan {
            RoutePlanner.plan(
                model, pinned: pinned, required: [], availability: Self.availability, using: &random)
        }
        #expect(plan(2) == RoutePlan(kept: [PlannedRoute(index: 2, id: "c", provider: "good")], dropped: []))
        let disabled = plan(1)
        #expect(disabled.kept.isEmpty && disabled.dropped.map(\.index) == [1])
    }

    @Test func `The odds are those of the first priority`() throws {
        let model = try Self.model([
            Self.route("a", priority: 2), Self.route("b", priority: 1, weight: 9), Self.route("c", priority: 1),
            Self.route("d", priority: 1, weight: 0),
        ])
        var random = SeededGenerator(3)
        let plan = RoutePlanner.plan(model, required: [], availability: Self.availability, using: &random)
        #expect(RoutePlanner.odds(of: plan, in: model) == [1: 0.9, 2: 0.1])
    }

    @Test func `A route whose header has no value cannot be used`() throws {
        let route = Route(id: "x", provider: "good", upstreamModel: "u", unavailableReason: "ORG is not set")
        let error = try Self.refusal([route])
        #expect(error.message.contains("provider_credentials_missing"))
        #expect(error.cause == "good: ORG is not set")
    }

    @Test func `A refusal names every reason`() throws {
        let error = try Self.refusal([
            Self.route("a", isEnabled: false), Self.route("b", weight: 0), Self.route("c", provider: "gone"),
            Self.route("d", provider: "keyless"), Self.route("e", capabilities: []),
        ])
        #expect(error.code == .noRouteAvailable)
        for part in [
            "a (good): disabled", "b (good): weight_not_positive", "c (gone): provider_missing",
            "d (keyless): provider_credentials_missing", "e (good): lacks_capability(chat_completions)",
        ] {
            #expect(error.message.contains(part), "\(error.message)")
        }
        #expect(error.cause == "keyless: set KEY")
        #expect(!error.message.contains("set KEY"), "the setting's name is for the operator")
    }

    @Test func `A model without routes says so`() throws {
        let error = try Self.refusal([])
        #expect(error.code == .noRouteAvailable)
        #expect(error.message.contains("it has none"))
    }
}
