import GatewayCore
import NIOCore
import NIOHTTP1
import Providers
import Routing
import WireFormats

/// The stages that need no waiting, each a function of the request and the loop's state.
extension ExchangeDriver {
    // MARK: 1. Authenticate

    /// Checks the key. The content type comes after it: who may not call learns nothing about how to.
    /// - Parameter record: nil if there is no such key.
    func verify(_ token: APIKeyToken, against record: KeyRecord?) throws(GatewayError) {
        try check(token, against: record, now: exchange.receivedAt)
        try checkContentType()
        try takeTags()
    }

    /// Checks the key alone. Revoked and expired keys are found out here, also while the request is under way.
    func check(_ token: APIKeyToken, against record: KeyRecord?, now: Int64) throws(GatewayError) {
        exchange.caller = record?.caller ?? exchange.caller
        do {
            try KeyVerifier.verify(token, against: record, now: now)
        } catch {
            throw error.code == .invalidAPIKey ? Credentials.unknown(in: credentials?.header ?? "") : error
        }
        key = record
        keyGeneration = loop.keys.generation
    }

    /// What is known of the request's key now, without asking.
    enum KeyStanding {
        case valid
        case refused(GatewayError)
        /// Ask the database.
        case unknown
    }

    /// Whether nothing has happened since the key was checked: neither a change of the database nor an expiry.
    var isKeyUnchanged: Bool {
        guard let key, keyGeneration == loop.keys.generation, !loop.isStale else { return false }
        return key.firstExpiry.map { WallClock.now() < $0 } ?? true
    }

    /// The key may have been revoked, or may have expired, since the request began.
    func keyStanding() -> KeyStanding {
        guard !loop.isStale else { return .refused(.stale) }
        guard let token = credentials?.token else { return .refused(KeyVerifier.invalid) }
        let now = WallClock.now()
        do throws(GatewayError) {
            switch loop.keys.cached(token.publicID, now: now) {
            case .known(let record): try check(token, against: record, now: now)
            case .absent: try check(token, against: nil, now: now)
            case .outdated, .unknown: return .unknown
            }
            return .valid
        } catch {
            return .refused(error)
        }
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

    // MARK: 3. and 4. Resolve, plan

    /// What follows from a decision.
    enum Next {
        case event(ExchangeEvent)
        /// Look up the stored response with this id, and decide again with the result.
        case lookUp(previousResponse: String)
    }

    /// Reads the body of a request to a model.
    func scan() {
        let operation: APIOperation
        switch endpoint {
        case .inference(let asked): operation = asked
        case .deployment(let model, let asked):
            operation = asked
            // As Azure does: the path decides, whatever the body names.
            body = ModelField.set(model, in: body)
        default: return
        }
        exchange.operation = operation
        do throws(GatewayError) {
            let api = try operation.family.scan(body)
            self.api = api
            exchange.requestedModel = api.facts.model
            exchange.isStream = api.facts.stream
        } catch {
            scanError = error
        }
    }

    /// Decides what becomes of the request, by the snapshot and what was looked up.
    func decide(_ previous: PreviousResponse, using random: inout LoopRandom, health: RouteHealthRegistry) -> Next {
        do throws(GatewayError) {
            switch endpoint {
            case .models:
                localAnswer = ModelList.list(snapshot.routing.models.visible(to: access).map(listed))
                return .event(.answeredLocally)
            case .model(let id):
                localAnswer = ModelList.one(listed(try snapshot.routing.models.requestable(id, access: access)))
                return .event(.answeredLocally)
            case .inference, .deployment: return try execute(try decision(previous, using: &random, health))
            case .health, .readiness, .greeting, .upgrade, .controlPlane, .methodNotAllowed, .unknown:
                throw .internalError("\(endpoint) has no decision")
            }
        } catch {
            return .event(.refused(error))
        }
    }

    private func listed(_ model: Model) -> ModelList.Model {
        ModelList.Model(
            id: model.id, description: model.description, created: snapshot.routing.loadedAt, ownedBy: "sluice")
    }

    private func decision(
        _ previous: PreviousResponse, using random: inout LoopRandom, _ health: RouteHealthRegistry
    ) throws(GatewayError) -> Decision {
        if let scanError { throw scanError }
        guard let api, let key else { throw .internalError("the key or the body was not read") }
        let now = exchange.receivedAt
        return snapshot.routing.decide(
            ModelRequest(api), key: .verified(key), previous: previous, now: now,
            condition: { health.condition(of: $0, at: now, for: key.owner) }, using: &random)
    }

    private func execute(_ decision: Decision) throws(GatewayError) -> Next {
        model = decision.model
        exchange.resolvedModel = decision.model?.id
        switch decision.outcome {
        case .planned(let plan):
            claims = decision.claims
            exchange.plan = plan
            exchange.stageEnds.plan = elapsed
            return .event(.planned(routes: plan.kept.count))
        case .needsPreviousResponse(let id): return .lookUp(previousResponse: id)
        case .refused(let refusal): throw refusal.error
        }
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
            number: exchange.attempts.count, provider: provider, route: route, isStream: api.facts.stream,
            driver: self)
        exchange.attempts.append(
            Attempt(
                provider: provider.id, route: route.id, upstreamModel: route.upstreamModel, startedAfter: elapsed))
        self.attempt = attempt
        return attempt
    }

    /// What the attempt's provider is asked for. It has the body, so it does not outlive the call.
    func request(for attempt: ActiveAttempt) throws(GatewayError) -> AttemptRequest {
        guard let api else { throw .internalError("the body was not read") }
        return AttemptRequest(
            body: body, request: api, upstreamModel: attempt.route.upstreamModel,
            adjustments: attempt.route.adjustments, headers: forwardedHeaders)
    }

    /// The caller's headers that its family passes on, values unread.
    private var forwardedHeaders: [(name: String, value: String)] {
        let list = endpoint.family.requestHeaders
        guard !list.isEmpty else { return [] }
        return head.headers.filter { list.contains($0.name) }.map { ($0.name.lowercased(), $0.value) }
    }
}

extension ModelRequest {
    fileprivate init(_ request: APIRequest) {
        let facts = request.facts
        self.init(
            operation: request.operation, model: facts.model, required: facts.required, stateField: facts.stateField,
            previousResponseID: facts.previousResponseID)
    }
}
