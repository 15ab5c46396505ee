import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import Routing
import WireFormats

/// The stages that need no waiting, each a function of the request and the loop's state.
extension ActiveRequest {
    // MARK: 1. Authenticate

    /// What can be refused before anybody is asked for a key.
    func refusalBeforeAuthentication() -> GatewayError? {
        endpoint.refusal(method: head.method)
    }

    /// Judges the key. The content type comes after it: who may not call learns nothing about how to.
    /// - Parameter record: nil if there is no such key.
    func verify(_ token: APIKeyToken, against record: KeyRecord?) throws(GatewayError) {
        if record != nil { exchange.keyPublicID = token.publicID }
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
        guard head.method == .POST, let type = head.headers.first(name: "content-type") else { return }
        let media = type.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        guard !Substring(media).isSameIgnoringCase("application/json") else { return }
        throw .client(
            .unsupportedMediaType, "The content type is `\(type.prefix(100))`; send `content-type: application/json`.",
            param: "content-type")
    }

    // MARK: 3. to 5. Resolve, plan, admit

    /// Decides what becomes of the request, from the snapshot alone.
    /// - Returns: the event that the state machine is told.
    func decide(using random: inout LoopRandom, health: RouteHealthBoard) -> ExchangeEvent {
        do throws(GatewayError) {
            switch endpoint {
            case .models:
                localAnswer = ModelList.list(snapshot.routing.models.visible(to: access).map(listed))
                return .answeredLocally
            case .model(let id):
                localAnswer = ModelList.one(listed(try snapshot.routing.models.requestable(id, access: access)))
                return .answeredLocally
            case .inference(let operation):
                return .admitted(routes: try resolveAndPlan(operation, using: &random, health))
            case .health, .readiness, .controlPlane, .methodNotAllowed, .unknown:
                throw GatewayError(
                    .internalError, "The gateway failed.", cause: "\(endpoint) has no decision", source: .gateway)
            }
        } catch {
            return .refused(error)
        }
    }

    private func listed(_ model: Model) -> ModelList.Model {
        ModelList.Model(id: model.id, created: snapshot.routing.loadedAt, ownedBy: "sluice")
    }

    private func resolveAndPlan(
        _ operation: APIOperation, using random: inout LoopRandom, _ health: RouteHealthBoard
    ) throws(GatewayError) -> Int {
        let api = try APIRequest.scan(body, of: operation)
        self.api = api
        exchange.requestedModel = api.model
        exchange.isStream = api.stream
        if let field = api.stateField { throw .stored(field) }
        let model = try snapshot.routing.models.resolve(api.model, access: access)
        self.model = model
        exchange.resolvedModel = model.id
        let plan = try RoutePlanner.plan(
            model, required: api.required, availability: snapshot.availability,
            condition: { health.condition(of: $0, at: exchange.receivedAt) }, using: &random)
        exchange.plan = plan
        return plan.kept.count
    }

    private var access: ModelAccess {
        key?.access ?? ModelAccess([ModelAccess.Limit(.key, .listed([]))])
    }

    // MARK: 6. Execute

    /// The call that makes the attempt at this position of the plan, noted in the fact sheet.
    func makeAttempt(_ position: Int) throws(GatewayError) -> ProviderCall {
        guard let api, let model, let plan = exchange.plan, plan.kept.indices.contains(position),
            let provider = snapshot.provider(plan.kept[position].provider)
        else {
            throw GatewayError(
                .internalError, "The gateway failed.", cause: "attempt \(position) is not in the plan", source: .gateway
            )
        }
        let route = model.routes[plan.kept[position].index]
        self.provider = provider
        self.route = route
        upstreamError = nil
        held.clear()
        pending.clear()
        relay = AnswerRelay(for: api)
        exchange.attempts.append(
            Attempt(
                provider: provider.id, route: route.id, upstreamModel: route.upstreamModel, startedAfter: elapsed))
        return provider.call(
            for: AttemptRequest(
                body: body, request: api, upstreamModel: route.upstreamModel, adjustments: route.adjustments))
    }

    /// `text` without the secrets of the provider and the route.
    func scrubbed(_ text: String) -> String {
        let text = provider?.scrubbed(text) ?? text
        return route.map { Secret.scrub($0.adjustments.headers.map(\.value), from: text) } ?? text
    }

    /// Notes something about the attempt that is under way.
    func noteAttempt(_ change: (inout Attempt) -> Void) {
        guard !exchange.attempts.isEmpty else { return }
        change(&exchange.attempts[exchange.attempts.count - 1])
    }
}
