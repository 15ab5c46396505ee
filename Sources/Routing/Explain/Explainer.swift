public import GatewayCore

/// Explains what becomes of a request, without calling a provider: makes the decision that the data plane would make,
/// and puts it into words.
public struct Explainer: Sendable {
    private let snapshot: RoutingSnapshot
    private let health: @Sendable (Route) -> RouteHealth?
    private let now: Int64

    /// - Parameters:
    ///   - health: of a route; nil if it is healthy.
    ///   - now: microseconds since 1970 UTC.
    public init(
        snapshot: RoutingSnapshot, health: @escaping @Sendable (Route) -> RouteHealth?, now: Int64
    ) {
        self.snapshot = snapshot
        self.health = health
        self.now = now
    }

    /// Explains what would become of `request` now.
    public func explain(_ request: ExplainRequest) -> Explanation {
        var random = SystemRandomNumberGenerator()
        // The health may change meanwhile; the words describe the one that was decided by.
        var known: [String: RouteHealth] = [:]
        let decision = snapshot.decide(
            request.request, key: .recordOnly(request.key), previous: .lookedUp(request.previous), now: now,
            condition: { route in
                known[route.id] = health(route)
                return known[route.id]?.condition(at: now, for: request.key.owner) ?? .open
            }, using: &random)
        return Explanation(
            of: request.request, decision, stages: StageWording(request, decision).stages,
            routes: RouteWording(now: now, owner: request.key.owner, health: known).routes(of: decision))
    }
}

extension Explanation {
    fileprivate init(of request: ModelRequest, _ decision: Decision, stages: [Stage], routes: [RouteView]) {
        let error = decision.refusal?.error
        let message =
            switch decision.outcome {
            case .planned(let plan): "It is sent to a provider; \(plan.kept.count) of the routes can serve it."
            case .needsPreviousResponse(let id): "The response `\(id)`, which it continues, has not been looked up."
            case .refused(let refusal): refusal.error.message
            }
        self.init(
            status: error?.code.status ?? 200, code: error?.code.rawValue, message: message,
            operation: request.operation.rawValue, requestedModel: request.model,
            aliases: decision.model?.aliases ?? [], resolvedModel: decision.model?.id, stages: stages, routes: routes)
    }
}
