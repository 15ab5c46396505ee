public import GatewayCore

extension RoutingSnapshot {
    /// Decides what becomes of a request: the one pipeline, for live requests and for `explain`. It is pure, and builds
    /// text only for a refusal.
    ///
    /// - Parameters:
    ///   - previous: what is known about the response that `request` continues; not read if it continues none.
    ///   - now: microseconds since 1970 UTC.
    ///   - condition: of a route; asked once of each route that could serve the request.
    ///   - random: draws among routes of one priority.
    public func decide(
        _ request: ModelRequest, key: PresentedKey, previous: PreviousResponse, now: Int64,
        condition: (Route) -> RouteHealth.Condition, using random: inout some RandomNumberGenerator
    ) -> Decision {
        var stage = Decision.Stage.authenticate
        var model: ResolvedModel?
        var dropped: [DroppedRoute] = []
        do throws(GatewayError) {
            if case .recordOnly(let record) = key { try KeyVerifier.check(record, now: now) }

            stage = .read
            if let field = request.stateField { throw .providerState(field) }

            stage = .resolve
            let resolved = try models.resolve(request.model, access: key.record.access)
            model = resolved

            stage = .plan
            var pinned: Int?
            if let id = request.previousResponseID {
                guard resolved.routes.contains(where: \.adjustments.storesResponses) else {
                    throw .providerState("previous_response_id")
                }
                guard case .lookedUp(let stored) = previous else {
                    return Decision(model: resolved, outcome: .needsPreviousResponse(id: id))
                }
                guard let stored, stored.owner == key.record.owner, let index = stored.route(among: resolved.routes)
                else {
                    throw .noSuchPreviousResponse(id)
                }
                pinned = index
            }
            let plan = RoutePlanner.plan(
                resolved, pinned: pinned, required: request.required, availability: availability(of:),
                condition: condition,
                using: &random)
            guard plan.kept.isEmpty else { return Decision(model: resolved, outcome: .planned(plan)) }
            dropped = plan.dropped
            throw plan.refusal(of: resolved.requested)
        } catch {
            return Decision(
                model: model, outcome: .refused(Decision.Refusal(stage: stage, error: error, dropped: dropped)))
        }
    }
}

extension StoredResponse {
    /// The position of the route that serves requests that continue this response; nil if none does any more.
    fileprivate func route(among routes: [Route]) -> Int? {
        func keeps(_ candidate: Route) -> Bool {
            candidate.provider == provider && candidate.adjustments.storesResponses
        }
        // Routes are numbered and may have moved: the same id first, else the same provider.
        return routes.firstIndex { $0.id == route && keeps($0) } ?? routes.firstIndex(where: keeps)
    }
}

extension GatewayError {
    /// All callers share a provider's credential, so none may refer to what the provider keeps.
    fileprivate static func providerState(_ field: String) -> GatewayError {
        .client(
            .unsupportedParameter,
            "`\(field)` refers to state at the provider, which callers do not share. Send the whole input.",
            param: field)
    }

    /// The same for a response of another owner and for one that does not exist, so that no caller learns which ids are
    /// taken.
    fileprivate static func noSuchPreviousResponse(_ id: String) -> GatewayError {
        .client(
            .notFound, "There is no response `\(id.prefix(100))` of yours that this model could continue.",
            param: "previous_response_id")
    }
}
