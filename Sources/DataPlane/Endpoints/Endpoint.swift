import Foundation
import GatewayCore
import NIOHTTP1
import WireFormats

/// The endpoint of a method and path.
enum Endpoint: Sendable, Equatable {
    case health
    case readiness
    case models
    case model(String)
    case inference(APIOperation)
    /// The path of Azure's clients, which names the model.
    case deployment(String, APIOperation)
    /// An offer to speak another protocol, on a path where clients try that first.
    case upgrade
    /// Clients warm a connection up, or look whether there is a server.
    case greeting
    /// `/api/*` and `/admin*` belong to the control plane.
    case controlPlane
    /// With the operation of the allowed method.
    case methodNotAllowed(allowed: String, APIOperation?)
    /// With the operation of the longer path.
    case unknown(APIOperation?)

    /// The paths of `APIOperation.allCases`.
    private static let operations = APIOperation.allCases.map { (path: "/v1" + $0.family.path, operation: $0) }

    /// - Parameter head: with the target in origin form; a query is ignored.
    init(_ head: HTTPRequestHead) {
        let method = head.method
        let path = head.uri.pathPart
        guard path.utf8.starts(with: Self.azurePrefix.utf8) else { self.init(path, method, head); return }
        self = Self.azure(path, method, head)
    }

    private init(_ path: String, _ method: HTTPMethod, _ head: HTTPRequestHead) {
        // Most requests are these.
        if method == .POST, let operation = Self.operations.first(where: { $0.path == path })?.operation {
            self = .inference(operation)
            return
        }
        switch path {
        case "/", "/api/hello":
            if method == .HEAD { self = .greeting } else { self = path == "/" ? .unknown(nil) : .controlPlane }
        case "/v1/responses" where method == .GET && head.offersWebSocket: self = .upgrade
        case "/v1/models": self = .get(.models, method)
        case "/healthz", "/health": self = .get(.health, method)
        case "/readyz": self = .get(.readiness, method)
        case _ where path.hasPrefix("/v1/models/"):
            let name = path.dropFirst("/v1/models/".count)
            // Ids may contain slashes, plain or as %2F; an id that is not UTF-8 is not a model's.
            guard !name.isEmpty, let id = String(name).removingPercentEncoding else { self = .unknown(nil); return }
            self = .get(.model(id), method)
        case "/api": self = .controlPlane
        case _ where path.hasPrefix("/api/") || path.hasPrefix("/admin"): self = .controlPlane
        default: self = .other(path)
        }
    }

    private static func other(_ path: String) -> Endpoint {
        if let operation = operations.first(where: { $0.path == path })?.operation {
            return .methodNotAllowed(allowed: "POST", operation)
        }
        return .unknown(operations.first { path.hasPrefix($0.path + "/") }?.operation)
    }

    // MARK: Azure

    private static let azurePrefix = "/openai/"

    /// Azure's clients put the API at `/openai`, with the version in the query or as `/v1`, and name the model of chats
    /// and embeddings in the path (https://learn.microsoft.com/azure/ai-services/openai/reference).
    private static func azure(_ path: String, _ method: HTTPMethod, _ head: HTTPRequestHead) -> Endpoint {
        let rest = path.dropFirst(azurePrefix.count - 1)
        let deployments = "/deployments/"
        guard rest.hasPrefix(deployments) else {
            return Endpoint(rest.hasPrefix("/v1/") ? String(rest) : "/v1" + rest, method, head)
        }
        let named = rest.dropFirst(deployments.count)
        guard let found = operations.first(where: { named.hasSuffix($0.operation.family.path) }),
            let model = String(named.dropLast(found.operation.family.path.count)).removingPercentEncoding,
            !model.isEmpty
        else { return .unknown(nil) }
        return method == .POST
            ? .deployment(model, found.operation) : .methodNotAllowed(allowed: "POST", found.operation)
    }

    private static func get(_ endpoint: Endpoint, _ method: HTTPMethod) -> Endpoint {
        // HEAD is GET without the body (RFC 9110, section 9.3.2); some load balancers probe with it.
        method == .GET || method == .HEAD ? endpoint : .methodNotAllowed(allowed: "GET", nil)
    }

    /// The family whose shape its errors have, from the first refusal on. Endpoints without a family use chat's.
    var family: any APIFamily.Type {
        switch self {
        case .inference(let operation), .deployment(_, let operation): operation.family
        case .upgrade: APIOperation.responses.family
        case .methodNotAllowed(_, let operation), .unknown(let operation): (operation ?? .chat).family
        case .health, .readiness, .greeting, .models, .model, .controlPlane: APIOperation.chat.family
        }
    }

    /// The error of an endpoint that does not exist, before authentication.
    func refusal(method: HTTPMethod) -> GatewayError? {
        switch self {
        case .unknown: .client(.notFound, "This endpoint does not exist; docs/api.md lists all endpoints.")
        case .methodNotAllowed(let allowed, _):
            .client(.methodNotAllowed, "\(method.rawValue) is not allowed here; use \(allowed).")
        case .controlPlane:
            GatewayError(
                .notReady, "The control plane is not part of this release yet.", source: .gateway)
        case .upgrade:
            .client(.upgradeRequired, "There are no WebSockets here; send the request as `POST` over HTTP/1.1.")
        case .health, .readiness, .greeting, .models, .model, .inference, .deployment: nil
        }
    }
}

extension HTTPRequestHead {
    fileprivate var offersWebSocket: Bool {
        headers[canonicalForm: "upgrade"].contains { $0.isSameIgnoringCase("websocket") }
    }
}
