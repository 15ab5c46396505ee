import Foundation
import GatewayCore

/// The candidates of a decision in words, each with the setting behind its result.
struct RouteWording {
    /// Microseconds since 1970 UTC.
    let now: Int64
    /// The owner of the request's key.
    let owner: KeyOwner
    /// By the ids of the routes that could serve the request.
    let health: [String: RouteHealth]

    private static let cooldown = "routing.cooldown"

    /// In the order of the model's routes.
    func routes(of decision: Decision) -> [Explanation.RouteView] {
        guard let model = decision.model else { return [] }
        switch decision.outcome {
        case .needsPreviousResponse: return []
        case .refused(let refusal): return refusal.dropped.map { dropped($0, of: model) }
        case .planned(let plan):
            let odds = RoutePlanner.odds(of: plan, in: model)
            let views =
                plan.dropped.map { ($0.index, dropped($0, of: model)) }
                + plan.kept.map { ($0.index, kept($0, of: model, odds: odds[$0.index])) }
            return views.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func dropped(_ route: DroppedRoute, of model: ResolvedModel) -> Explanation.RouteView {
        view(
            model.routes[route.index], reason: route.reason,
            finding: Self.finding(of: route.reason, model.routes[route.index]),
            setting: Self.setting(behind: route.reason, model, route.index))
    }

    private func kept(_ planned: PlannedRoute, of model: ResolvedModel, odds: Double?) -> Explanation.RouteView {
        let (finding, setting): (String, String?) =
            switch health[planned.id]?.condition(at: now, for: owner) ?? .open {
            case .coolingDown(let until):
                ("cools down until \(Self.time(until)), and is tried because no other route is left", Self.cooldown)
            case .probing: ("has cooled down; the next request probes it", Self.cooldown)
            case .open:
                switch health[planned.id]?.failures ?? 0 {
                case 0: ("is tried", nil)
                case let failures: ("is tried; it has failed \(failures) times in a row", Self.cooldown)
                }
            }
        return view(model.routes[planned.index], reason: nil, finding: finding, setting: setting, odds: odds)
    }

    private func view(
        _ route: Route, reason: DropReason?, finding: String, setting: String?, odds: Double? = nil
    ) -> Explanation.RouteView {
        Explanation.RouteView(
            id: route.id, provider: route.provider, upstreamModel: route.upstreamModel, priority: route.priority,
            weight: route.weight, isKept: reason == nil, reason: reason?.text, finding: finding, setting: setting,
            price: Explanation.PriceView(route.price), odds: odds)
    }

    private static func finding(of reason: DropReason, _ route: Route) -> String {
        switch reason {
        case .disabled: "is disabled"
        case .weightNotPositive: "has a weight that is not positive"
        case .providerMissing:
            "its provider \(route.provider) does not exist, or is of a kind that this release cannot call"
        case .providerCredentialsMissing(let why) where route.unavailableReason == why:
            "one of its headers has no value: \(why)"
        case .providerCredentialsMissing(let why): "its provider \(route.provider) has no credential: \(why)"
        case .lacksCapability(let capabilities):
            "does not support \(capabilities.map(\.rawValue).joined(separator: ", ")), or is not allowed to"
        case .coolingDown(let until): "cools down until \(time(until))"
        }
    }

    /// The setting behind `reason`, for the route at `index` of `model`.
    static func setting(behind reason: DropReason, _ model: ResolvedModel, _ index: Int) -> String {
        let route = model.routes[index]
        let place = "models[\(model.id)].routes[\(index + 1)]"
        return switch reason {
        case .disabled: "\(place).enabled"
        case .weightNotPositive: "\(place).weight"
        case .providerMissing: "\(place).provider"
        case .providerCredentialsMissing(let why) where route.unavailableReason == why: "\(place).extra_headers"
        case .providerCredentialsMissing: "providers[\(route.provider)]"
        case .lacksCapability: "\(place).capabilities"
        case .coolingDown: cooldown
        }
    }

    private static func time(_ microseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000).formatted(.iso8601)
    }
}
