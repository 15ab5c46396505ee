import DataPlane
import GatewayCore
import Providers
import Routing

/// A few models, a key, the health of routes, stored responses and a request, at random.
struct RandomPolicy: CustomStringConvertible {
    let key: KeyRecord
    private let models: [Model]
    private let providers: [any Provider]
    private let coolingDown: [Route]
    private let stored: [String: StoredResponse]
    private let request: ModelRequest
    /// The request as it is sent.
    let body: String

    var snapshot: DataPlaneSnapshot {
        DataPlaneSnapshot(models: ModelCatalog(models), providers: providers, loadedAt: 0)
    }

    var description: String { "\(request) \(stored) \(key) \(models) cooling down: \(coolingDown.map(\.id))" }

    init(_ operation: APIOperation, upstream port: Int, using random: inout some RandomNumberGenerator) {
        models = Self.models(for: operation, using: &random)
        providers = [
            GatewaySetup.provider("good", port: port), GatewaySetup.provider("other", port: port),
            GatewaySetup.provider("keyless", port: port, authentication: .missing("KEY is not set")),
        ]
        key = Self.key(using: &random)
        var coolingDown: [Route] = []
        for case .routes(let routes) in models.map(\.target) {
            coolingDown += routes.filter { _ in Self.chance(20, &random) }
        }
        self.coolingDown = coolingDown
        stored = Self.stored(using: &random)
        (request, body) = Self.request(operation, using: &random)
    }

    /// What `explain` says of the request.
    func explained(_ health: RouteHealthRegistry) -> Explanation {
        let explainer = Explainer(
            snapshot: snapshot.routing, health: { health.health(of: $0) }, now: WallClock.now())
        let previous = request.previousResponseID.flatMap { stored[$0] }
        return explainer.explain(ExplainRequest(key: key, request: request, previous: previous))
    }

    func storeResponses(in source: FakeResponseSource) {
        source.set(stored)
    }

    func setHealth(in health: RouteHealthRegistry) {
        let now = WallClock.now()
        for route in coolingDown { health.end(route, .limited(3_600_000_000), wasProbe: false, at: now) }
    }

    /// Routes of the next policy have the same ids.
    func clearHealth(in health: RouteHealthRegistry) {
        for route in coolingDown { health.end(route, .healthy, wasProbe: true, at: WallClock.now()) }
    }

    // MARK: At random

    private static func chance(_ percent: Int, _ random: inout some RandomNumberGenerator) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private static func models(
        for operation: APIOperation, using random: inout some RandomNumberGenerator
    ) -> [Model] {
        // Now and then capabilities alone are missing, which has an error of its own.
        let isIncapable = chance(10, &random)
        func route(_ model: String, _ position: Int) -> Route {
            guard !isIncapable else {
                return Route(
                    id: "\(model)/\(position)", provider: "good", upstreamModel: "up-model",
                    capabilities: .all.subtracting([operation.capability]))
            }
            return Route(
                id: "\(model)/\(position)",
                provider: ["good", "good", "other", "keyless", "gone"].randomElement(using: &random) ?? "",
                upstreamModel: "up-model", priority: Int.random(in: 0..<3, using: &random),
                weight: [0, 1, 2.5, 9].randomElement(using: &random) ?? 1, isEnabled: chance(80, &random),
                capabilities: capabilities(of: operation, using: &random),
                adjustments: RouteAdjustments(storesResponses: chance(60, &random)))
        }
        func model(_ id: String) -> Model {
            Model(
                id: id, tags: Set(["fast", "cheap"].filter { _ in chance(50, &random) }),
                rank: Int.random(in: 0..<3, using: &random),
                target: .routes((1...Int.random(in: 1...4, using: &random)).map { route(id, $0) }))
        }
        return [
            model("a"), model("b"), model("c"), Model(id: "nick", tags: ["fast"], rank: 1, target: .alias(of: "b")),
        ]
    }

    private static func capabilities(
        of operation: APIOperation, using random: inout some RandomNumberGenerator
    ) -> CapabilitySet {
        chance(70, &random) ? .all : [operation.capability]
    }

    private static func key(using random: inout some RandomNumberGenerator) -> KeyRecord {
        func grant() -> ModelGrant {
            chance(60, &random) ? .all : .listed(Set(["a", "b", "nick", "c"].filter { _ in chance(60, &random) }))
        }
        let token = TestKey.record(TestKey.good)
        return KeyRecord(
            id: token.id, publicID: token.publicID, name: "k", owner: .team("core"),
            isOwnerActive: chance(95, &random), grant: grant(),
            limits: [.init(.team("core"), grant()), .init(.user("ann@example.com"), grant())],
            secrets: token.secrets, createdAt: 0, expiresAt: chance(95, &random) ? nil : 1,
            revokedAt: chance(95, &random) ? nil : 1)
    }

    /// Responses of the key's owner and of others, by their ids; some were kept by routes that do not exist any more.
    private static func stored(using random: inout some RandomNumberGenerator) -> [String: StoredResponse] {
        let responses = ["resp_own", "resp_old", "resp_foreign"].map { id in
            StoredResponse(
                id: id, owner: .team(id == "resp_foreign" ? "blue" : "core"),
                route: ["a/1", "a/2", "b/1", "c/3"].randomElement(using: &random) ?? "",
                provider: ["good", "good", "other", "gone"].randomElement(using: &random) ?? "")
        }
        return Dictionary(uniqueKeysWithValues: responses.map { ($0.id, $0) })
    }

    private static func request(
        _ operation: APIOperation, using random: inout some RandomNumberGenerator
    ) -> (ModelRequest, body: String) {
        let model =
            ["a", "b", "nick", "c", "unknown", "tag:fast", "tag:fast,cheap", "tag:none", "tag:"].randomElement(
                using: &random) ?? "a"
        var required: CapabilitySet = [operation.capability]
        var fields = [#""model":"\#(model)""#]
        var stateField: String?
        var previous: String?
        func addTools() {
            guard chance(30, &random) else { return }
            required.insert(.tools)
            fields.append(#""tools":[{"type":"function","name":"f","function":{"name":"f"}}]"#)
        }
        switch operation {
        case .chat:
            addTools()
            // A reference to a file that the provider keeps.
            if chance(5, &random) {
                required.insert(.files)
                stateField = "file_id"
                fields.append(
                    #""messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]"#)
            } else {
                fields.append(#""messages":[{"role":"user","content":"hi"}]"#)
            }
        case .responses:
            addTools()
            fields.append(#""input":"hi""#)
            if chance(5, &random) {
                stateField = "conversation"
                fields.append(#""conversation":"conv_1""#)
            }
            if chance(40, &random) {
                previous = ["resp_own", "resp_own", "resp_old", "resp_foreign", "resp_none"].randomElement(
                    using: &random)
                fields.append(#""previous_response_id":"\#(previous ?? "")""#)
            }
        case .embeddings: fields.append(#""input":"hi""#)
        }
        let request = ModelRequest(
            operation: operation, model: model, required: required, stateField: stateField,
            previousResponseID: previous)
        return (request, "{" + fields.joined(separator: ",") + "}")
    }
}
