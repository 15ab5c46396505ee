import Foundation
public import GatewayCore

/// Runs the stages of a request without calling a provider, by the same functions as the data plane, and says what they find.
public struct Explainer: Sendable {
    private let models: ModelCatalog
    private let availability: @Sendable (String) -> ProviderAvailability
    private let health: @Sendable (Route) -> RouteHealth?
    private let now: Int64

    /// - Parameters:
    ///   - availability: of a provider.
    ///   - health: what is known against a route; nil if nothing is.
    ///   - now: microseconds since 1970 UTC.
    public init(
        models: ModelCatalog, availability: @escaping @Sendable (String) -> ProviderAvailability,
        health: @escaping @Sendable (Route) -> RouteHealth?, now: Int64
    ) {
        self.models = models
        self.availability = availability
        self.health = health
        self.now = now
    }

    /// What would become of `request` now.
    public func explain(_ request: ExplainRequest) -> Explanation {
        var draft = Draft(request)
        do throws(GatewayError) {
            try KeyVerifier.check(request.key, now: now)
        } catch {
            return draft.refused(at: .authenticate, error, setting: setting(of: error, request))
        }
        draft.pass(.authenticate, "the key is valid and its owner, \(request.key.owner.text), is active")
        let model: ResolvedModel
        do throws(GatewayError) {
            model = try models.resolve(request.model, access: request.key.access)
        } catch {
            return draft.refused(at: .resolve, error, setting: setting(of: error, request))
        }
        draft.resolved = model
        draft.pass(.resolve, finding(of: model, request.key))
        return plan(model, request, draft)
    }

    private func plan(_ model: ResolvedModel, _ request: ExplainRequest, _ draft: Draft) -> Explanation {
        var draft = draft
        var random = SystemRandomNumberGenerator()
        let health = model.routes.map(health)
        do throws(GatewayError) {
            let plan = try RoutePlanner.plan(
                model, required: request.required, availability: availability,
                condition: { self.health($0)?.condition(at: now) ?? .open }, using: &random)
            let odds = RoutePlanner.odds(of: plan, in: model)
            draft.routes = model.routes.indices.map { index in
                let dropped = plan.dropped.first { $0.index == index }?.reason
                return view(model, index, dropped, health[index], odds: odds[index], plan.isLastResort)
            }
            let count = "\(plan.kept.count) of \(model.routes.count) routes can take it"
            draft.pass(.plan, plan.isLastResort ? "\(count), and only because nothing else is left: it rests" : count)
            return draft.allowed(plan)
        } catch {
            // Every route is dropped then; each is asked alone why.
            draft.routes = model.routes.indices.map { index in
                let route = model.routes[index]
                let reason = RoutePlanner.dropReason(
                    route, required: request.required, availability: availability(route.provider))
                return view(model, index, reason, health[index], odds: nil, false)
            }
            return draft.refused(at: .plan, error, setting: draft.routes.compactMap(\.setting).first)
        }
    }

    private func view(
        _ model: ResolvedModel, _ index: Int, _ dropped: DropReason?, _ health: RouteHealth?, odds: Double?,
        _ isLastResort: Bool
    ) -> Explanation.RouteView {
        let route = model.routes[index]
        let place = "models[\(model.id)].routes[\(index + 1)]"
        let (finding, setting) =
            dropped.map { Self.words(for: $0, of: route, at: place) } ?? keptWords(health, isLastResort)
        return Explanation.RouteView(
            id: route.id, provider: route.provider, upstreamModel: route.upstreamModel, priority: route.priority,
            weight: route.weight, isKept: dropped == nil, reason: dropped?.text, finding: finding, setting: setting,
            odds: odds)
    }

    private func keptWords(_ health: RouteHealth?, _ isLastResort: Bool) -> (String, String?) {
        switch health?.condition(at: now) {
        case .coolingDown(let until) where isLastResort:
            ("rests until \(Self.time(until)), and is tried because no other route is left", "routing.cooldown")
        case .probing: ("has rested; the next request finds out whether it is well again", "routing.cooldown")
        default:
            if let failures = health?.failures, failures > 0 {
                ("is tried; it has failed \(failures) times in a row", "routing.cooldown")
            } else {
                ("is tried", nil)
            }
        }
    }

    private static func words(for reason: DropReason, of route: Route, at place: String) -> (String, String?) {
        switch reason {
        case .disabled: ("is disabled", "\(place).enabled")
        case .weightNotPositive: ("has a weight that is not positive", "\(place).weight")
        case .providerMissing:
            (
                "its provider \(route.provider) is not there, or of a kind that this release cannot call",
                "\(place).provider"
            )
        case .providerCredentialsMissing(let why) where route.unavailableReason == why:
            ("a header of it has no value: \(why)", "\(place).extra_headers")
        case .providerCredentialsMissing(let why):
            ("its provider \(route.provider) has no credential: \(why)", "providers[\(route.provider)]")
        case .lacksCapability(let capabilities):
            (
                "cannot do \(capabilities.map(\.rawValue).joined(separator: ", ")), or is not allowed to",
                "\(place).capabilities"
            )
        case .coolingDown(let until): ("rests until \(time(until))", "routing.cooldown")
        }
    }

    private func finding(of model: ResolvedModel, _ key: KeyRecord) -> String {
        var words = [model.requested] + model.aliases.filter { $0 != model.requested }
        if words.last != model.id { words.append(model.id) }
        let layers = key.access.limits.map { limit in
            switch limit.layer {
            case .key: "the key's grants"
            case .team(let key): "the team \(key)"
            case .user(let email): "the user \(email)"
            }
        }
        let allowed = layers.isEmpty ? "nobody restricts the key" : "allowed by \(layers.joined(separator: ", "))"
        return "\(words.joined(separator: " → ")); \(allowed)"
    }

    /// Where what led to `error` can be changed.
    private func setting(of error: GatewayError, _ request: ExplainRequest) -> String? {
        switch error.code {
        case .apiKeyRevoked: "final; `gateway keys create` makes another key"
        case .apiKeyExpired: "the key's expiry; `gateway keys create` makes another key"
        case .ownerInactive: "the status of \(request.key.owner.text), or of the team"
        case .modelNotFound: "models"
        case .modelNotAllowed: layerSetting(request)
        default: nil
        }
    }

    private func layerSetting(_ request: ExplainRequest) -> String? {
        switch request.key.access.refusal(of: request.model) {
        case .key: "the key's grants (auth.seed_api_keys[].allowed_models for a key of the file)"
        case .team(let key): "teams[\(key)].allowed_models"
        case .user(let email): "users[\(email)].allowed_models"
        case nil: nil
        }
    }

    private static func time(_ microseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000).formatted(.iso8601)
    }
}

/// An explanation in the making.
private struct Draft {
    enum Stage: String, CaseIterable {
        case authenticate, resolve, plan
    }

    private let request: ExplainRequest
    private var stages: [Explanation.Stage] = []
    var resolved: ResolvedModel?
    var routes: [Explanation.RouteView] = []

    init(_ request: ExplainRequest) {
        self.request = request
    }

    mutating func pass(_ stage: Stage, _ finding: String) {
        stages.append(Explanation.Stage(name: stage.rawValue, passes: true, finding: finding, setting: nil))
    }

    func allowed(_ plan: RoutePlan) -> Explanation {
        explanation(
            status: 200, code: nil, message: "It is sent to a provider; \(plan.kept.count) of the routes can take it.",
            stages)
    }

    func refused(at stage: Stage, _ error: GatewayError, setting: String?) -> Explanation {
        let refused = Explanation.Stage(
            name: stage.rawValue, passes: false, finding: error.message, setting: setting)
        let rest = Stage.allCases.drop { $0 != stage }.dropFirst().map {
            Explanation.Stage(name: $0.rawValue, passes: nil, finding: "is not reached", setting: nil)
        }
        return explanation(
            status: error.code.status, code: error.code.rawValue, message: error.message, stages + [refused] + rest)
    }

    private func explanation(
        status: Int, code: String?, message: String, _ stages: [Explanation.Stage]
    ) -> Explanation {
        Explanation(
            status: status, code: code, message: message, requestedModel: request.model,
            aliases: resolved?.aliases ?? [], resolvedModel: resolved?.id, stages: stages, routes: routes)
    }
}
