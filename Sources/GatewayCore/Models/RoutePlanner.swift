/// Whether a provider can be called.
public enum ProviderAvailability: Sendable, Hashable {
    /// It can be called; it supports these capabilities.
    case ready(CapabilitySet)
    /// Its credential is missing; the text names the setting to change.
    case credentialsMissing(String)
    /// No provider has the id.
    case missing
}

/// Orders the routes that can serve a request, and drops the others with a reason.
public enum RoutePlanner {
    /// The plan for a request that needs `required`.
    ///
    /// Lower priorities come first; within one priority, the order is a weighted draw without replacement. A route that
    /// is cooling down is dropped, unless no other is left: then the one whose cooldown ends first is kept. If no route
    /// can serve the request, `kept` is empty, and `RoutePlan.refusal` is the error.
    /// - Parameters:
    ///   - pinned: the position of the only candidate; nil if every route of the model is one.
    ///   - condition: of a route; asked once of each route that could serve the request.
    public static func plan(
        _ model: ResolvedModel, pinned: Int? = nil, required: CapabilitySet,
        availability: (String) -> ProviderAvailability, condition: (Route) -> RouteHealth.Condition = { _ in .open },
        using random: inout some RandomNumberGenerator
    ) -> RoutePlan {
        var candidates: [Int] = []
        var dropped: [DroppedRoute] = []
        var coolingDown: [(index: Int, until: Int64)] = []
        for index in pinned.map({ $0..<($0 + 1) }) ?? model.routes.indices {
            let route = model.routes[index]
            if let reason = dropReason(route, required: required, availability: availability(route.provider)) {
                dropped.append(DroppedRoute(index: index, id: route.id, provider: route.provider, reason: reason))
            } else if case .coolingDown(let until) = condition(route) {
                coolingDown.append((index, until))
            } else {
                candidates.append(index)
            }
        }
        let isLastResort = candidates.isEmpty && !coolingDown.isEmpty
        if isLastResort, let first = coolingDown.min(by: { ($0.until, $0.index) < ($1.until, $1.index) }) {
            candidates = [first.index]
        }
        for (index, until) in coolingDown where !candidates.contains(index) {
            let route = model.routes[index]
            dropped.append(
                DroppedRoute(index: index, id: route.id, provider: route.provider, reason: .coolingDown(until: until)))
        }
        let kept = order(candidates, of: model.routes, using: &random).map { index in
            PlannedRoute(index: index, id: model.routes[index].id, provider: model.routes[index].provider)
        }
        return RoutePlan(
            kept: kept, dropped: dropped.sorted { $0.index < $1.index }, isLastResort: isLastResort)
    }

    /// The probability that a route is tried first, by the route's position in the model; only routes of the lowest
    /// priority have one.
    public static func odds(of plan: RoutePlan, in model: ResolvedModel) -> [Int: Double] {
        let priority = plan.kept.map { model.routes[$0.index].priority }.min()
        let first = plan.kept.map(\.index).filter { model.routes[$0].priority == priority }
        let total = first.reduce(0) { $0 + model.routes[$1].weight }
        return Dictionary(uniqueKeysWithValues: first.map { ($0, model.routes[$0].weight / total) })
    }

    /// Why a route cannot serve a request that needs `required`, its health aside; nil if it can.
    public static func dropReason(
        _ route: Route, required: CapabilitySet, availability: ProviderAvailability
    ) -> DropReason? {
        guard route.isEnabled else { return .disabled }
        guard route.weight > 0 else { return .weightNotPositive }
        if let reason = route.unavailableReason { return .providerCredentialsMissing(reason) }
        switch availability {
        case .missing: return .providerMissing
        case .credentialsMissing(let reason): return .providerCredentialsMissing(reason)
        case .ready(let capabilities):
            let lacking = required.subtracting(capabilities.intersection(route.capabilities))
            return lacking.isEmpty ? nil : .lacksCapability(lacking.members)
        }
    }

    private static func order(
        _ candidates: [Int], of routes: [Route], using random: inout some RandomNumberGenerator
    ) -> [Int] {
        guard candidates.count > 1 else { return candidates }
        var left = candidates.sorted { routes[$0].priority < routes[$1].priority }
        var ordered: [Int] = []
        while let first = left.first {
            let group = left.prefix { routes[$0].priority == routes[first].priority }
            var point = Double.random(in: 0..<group.reduce(0) { $0 + routes[$1].weight }, using: &random)
            // Rounding may leave the point past the last weight; the draw is then the last route.
            let drawn = group.indices.first { position in
                point -= routes[group[position]].weight
                return point < 0
            }
            ordered.append(left.remove(at: drawn ?? group.endIndex - 1))
        }
        return ordered
    }
}
