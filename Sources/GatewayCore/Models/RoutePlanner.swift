/// Whether a provider can be called at all.
public enum ProviderAvailability: Sendable, Hashable {
    /// It can, for requests within these capabilities.
    case ready(CapabilitySet)
    /// Its credential is not there; the text says which setting to change.
    case credentialsMissing(String)
    /// No such provider.
    case missing
}

/// Orders a model's routes for one request, and says why it dropped the others.
public enum RoutePlanner {
    /// The plan for a request that needs `required`.
    ///
    /// Lower priorities come first; within one, routes come in the order of a weighted draw without replacement. A route that
    /// rests is dropped, unless nothing else is left: then the one whose rest ends first is kept.
    /// - Parameter condition: how a route is; asked only of those that could take the request.
    /// - Throws: `capability_not_supported` if every route was dropped for lack of one, `no_route_available` if none is left
    ///   for any other reason.
    public static func plan(
        _ model: ResolvedModel, required: CapabilitySet, availability: (String) -> ProviderAvailability,
        condition: (Route) -> RouteHealth.Condition = { _ in .open }, using random: inout some RandomNumberGenerator
    ) throws(GatewayError) -> RoutePlan {
        var candidates: [Int] = []
        var dropped: [DroppedRoute] = []
        var resting: [(index: Int, until: Int64)] = []
        for (index, route) in model.routes.enumerated() {
            if let reason = dropReason(route, required: required, availability: availability(route.provider)) {
                dropped.append(DroppedRoute(index: index, id: route.id, provider: route.provider, reason: reason))
            } else if case .coolingDown(let until) = condition(route) {
                resting.append((index, until))
            } else {
                candidates.append(index)
            }
        }
        let isLastResort = candidates.isEmpty && !resting.isEmpty
        if isLastResort, let first = resting.min(by: { ($0.until, $0.index) < ($1.until, $1.index) }) {
            candidates = [first.index]
        }
        for (index, until) in resting where !candidates.contains(index) {
            let route = model.routes[index]
            dropped.append(
                DroppedRoute(index: index, id: route.id, provider: route.provider, reason: .coolingDown(until: until)))
        }
        guard !candidates.isEmpty else { throw refusal(of: model, dropped: dropped) }
        let kept = order(candidates, of: model.routes, using: &random).map { index in
            PlannedRoute(index: index, id: model.routes[index].id, provider: model.routes[index].provider)
        }
        return RoutePlan(
            kept: kept, dropped: dropped.sorted { $0.index < $1.index }, isLastResort: isLastResort)
    }

    /// How likely each of the routes is to be tried first: those of the lowest priority, by weight. By position in the model.
    public static func odds(of plan: RoutePlan, in model: ResolvedModel) -> [Int: Double] {
        let priority = plan.kept.map { model.routes[$0.index].priority }.min()
        let first = plan.kept.map(\.index).filter { model.routes[$0].priority == priority }
        let total = first.reduce(0) { $0 + model.routes[$1].weight }
        return Dictionary(uniqueKeysWithValues: first.map { ($0, model.routes[$0].weight / total) })
    }

    /// Why a route cannot take a request that needs `required`, whatever else there is; nil if it can.
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
            // Rounding may leave the point past the last weight; the last route is then the drawn one.
            let drawn = group.indices.first { position in
                point -= routes[group[position]].weight
                return point < 0
            }
            ordered.append(left.remove(at: drawn ?? group.endIndex - 1))
        }
        return ordered
    }

    private static func refusal(of model: ResolvedModel, dropped: [DroppedRoute]) -> GatewayError {
        var lacking: Set<Capability> = []
        for case .lacksCapability(let capabilities) in dropped.map(\.reason) { lacking.formUnion(capabilities) }
        let onlyLacks = dropped.allSatisfy { if case .lacksCapability = $0.reason { true } else { false } }
        if !dropped.isEmpty, onlyLacks {
            let names = Capability.allCases.filter(lacking.contains).map(\.rawValue).joined(separator: ", ")
            return .client(
                .capabilityNotSupported, "No route of the model `\(model.requested)` supports: \(names).",
                param: "model")
        }
        let reasons = dropped.map { "\($0.id) (\($0.provider)): \($0.reason.text)" }.joined(separator: "; ")
        let details = dropped.compactMap { route -> String? in
            guard case .providerCredentialsMissing(let why) = route.reason else { return nil }
            return "\(route.provider): \(why)"
        }
        return GatewayError(
            .noRouteAvailable,
            "No route of the model `\(model.requested)` can be used: \(reasons.isEmpty ? "it has none" : reasons).",
            cause: details.isEmpty ? nil : details.joined(separator: "; "), source: .gateway)
    }
}
