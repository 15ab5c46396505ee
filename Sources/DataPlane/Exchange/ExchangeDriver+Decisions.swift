import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import Routing
import WireFormats

/// The stages that need no waiting, each a function of the request and the loop's state.
extension ExchangeDriver {
    // MARK: 1. Authenticate

    /// Judges the key. The content type comes after it: who may not call learns nothing about how to.
    /// - Parameter record: nil if there is no such key.
    func verify(_ token: APIKeyToken, against record: KeyRecord?) throws(GatewayError) {
        exchange.caller = record?.caller
        try KeyVerifier.verify(token, against: record, now: exchange.receivedAt)
        key = record
        try checkContentType()
        try takeTags()
    }

    private func takeTags() throws(GatewayError) {
        for (name, value) in head.headers where name.startsIgnoringCase(with: "x-gateway-") {
            _ = try exchange.tags.take(name.lowercased(), value)
        }
    }

    private func checkContentType() throws(GatewayError) {
        if let encoding = head.headers.first(name: "content-encoding"), !encoding.isSameIgnoringCase("identity") {
            throw .client(
                .unsupportedMediaType, "The body is encoded as `\(encoding.prefix(100))`; send it as it is.",
                param: "content-encoding")
        }
        guard head.method == .POST, let type = head.headers.first(name: "content-type") else { return }
        let media = type.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        guard !Substring(media).isSameIgnoringCase("application/json") else { return }
        throw .client(
            .unsupportedMediaType, "The content type is `\(type.prefix(100))`; send `content-type: application/json`.",
            param: "content-type")
    }

    // MARK: 3. and 4. Resolve, plan

    /// Reads the body of a request to a model. Returns the id of the kept response that it goes on from, which has to be looked up
    /// before it can be planned; nil if there is none.
    func scan() -> String? {
        guard case .inference(let operation) = endpoint else { return nil }
        exchange.operation = operation
        do throws(GatewayError) {
            let api = try operation.family.scan(body)
            self.api = api
            let facts = api.facts
            exchange.requestedModel = facts.model
            exchange.isStream = facts.stream
            // What is refused anyway asks nothing of the database.
            guard facts.stateField == nil, let id = facts.previousResponseID,
                let model = try? snapshot.routing.models.resolve(facts.model, access: access),
                model.routes.contains(where: \.adjustments.storesResponses)
            else { return nil }
            return id
        } catch {
            scanError = error
            return nil
        }
    }

    /// Decides what becomes of the request, from the snapshot and what was looked up.
    /// - Returns: the event that the state machine is told.
    func plan(using random: inout LoopRandom, health: RouteHealthRegistry) -> ExchangeEvent {
        do throws(GatewayError) {
            switch endpoint {
            case .models:
                localAnswer = ModelList.list(snapshot.routing.models.visible(to: access).map(listed))
                return .answeredLocally
            case .model(let id):
                localAnswer = ModelList.one(listed(try snapshot.routing.models.requestable(id, access: access)))
                return .answeredLocally
            case .inference: return .planned(routes: try resolveAndPlan(using: &random, health))
            case .health, .readiness, .controlPlane, .methodNotAllowed, .unknown:
                throw .internalError("\(endpoint) has no decision")
            }
        } catch {
            return .refused(error)
        }
    }

    private func listed(_ model: Model) -> ModelList.Model {
        ModelList.Model(id: model.id, created: snapshot.routing.loadedAt, ownedBy: "sluice")
    }

    private func resolveAndPlan(
        using random: inout LoopRandom, _ health: RouteHealthRegistry
    ) throws(GatewayError) -> Int {
        if let scanError { throw scanError }
        guard let facts = api?.facts else { throw .internalError("the body was not read") }
        if let field = facts.stateField { throw .stored(field) }
        var model = try snapshot.routing.models.resolve(facts.model, access: access)
        if let id = facts.previousResponseID { model = model.only(try routeOfPrevious(id, among: model.routes)) }
        self.model = model
        exchange.resolvedModel = model.id
        let plan = try RoutePlanner.plan(
            model, required: facts.required, availability: snapshot.availability,
            condition: { health.condition(of: $0, at: exchange.receivedAt) }, using: &random)
        exchange.plan = plan
        exchange.stageEnds.plan = elapsed
        return plan.kept.count
    }

    /// The route that can find the kept response `id`, which has to be this caller's own.
    private func routeOfPrevious(_ id: String, among routes: [Route]) throws(GatewayError) -> Route {
        guard routes.contains(where: \.adjustments.storesResponses) else { throw .stored("previous_response_id") }
        let keepers = routes.filter { $0.provider == previous?.provider && $0.adjustments.storesResponses }
        // Its own route, if it is still there under that name: they are numbered, and may have moved.
        guard let previous, previous.owner == key?.owner,
            let route = keepers.first(where: { $0.id == previous.route }) ?? keepers.first
        else {
            throw .client(
                .notFound, "There is no response `\(id.prefix(100))` of yours that this model could go on from.",
                param: "previous_response_id")
        }
        return route
    }

    private var access: ModelAccess {
        key?.access ?? ModelAccess([ModelAccess.Limit(.key, .listed([]))])
    }

    // MARK: 5. Admit

    /// What the attempt at this position of the plan has to be admitted for; nil if there is no such position.
    func admissionRequest(_ position: Int) -> AdmissionRequest? {
        guard let plan = exchange.plan, plan.kept.indices.contains(position) else { return nil }
        let attempt = exchange.attempts.count
        return AdmissionRequest(
            exchangeID: exchange.id, attempt: attempt, caller: exchange.caller, route: plan.kept[position],
            claims: attempt == 0 ? claims : [])
    }

    // MARK: 6. Execute

    func recordHead(of attempt: ActiveAttempt, status: Int) {
        guard self.attempt === attempt else { return }
        exchange.attempts[attempt.number].headAfter = elapsed
        exchange.attempts[attempt.number].status = status
    }

    /// Makes the attempt at this position of the plan and records it.
    func newAttempt(_ position: Int) throws(GatewayError) -> ActiveAttempt {
        guard let api, let model, let plan = exchange.plan, plan.kept.indices.contains(position),
            let provider = snapshot.provider(plan.kept[position].provider)
        else { throw .internalError("attempt \(position) is not in the plan") }
        let route = model.routes[plan.kept[position].index]
        let attempt = ActiveAttempt(
            number: exchange.attempts.count, provider: provider, route: route,
            request: AttemptRequest(
                body: body, request: api, upstreamModel: route.upstreamModel, adjustments: route.adjustments),
            driver: self)
        exchange.attempts.append(
            Attempt(
                provider: provider.id, route: route.id, upstreamModel: route.upstreamModel, startedAfter: elapsed))
        self.attempt = attempt
        return attempt
    }
}
