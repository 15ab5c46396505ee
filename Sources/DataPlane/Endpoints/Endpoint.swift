import Foundation
import GatewayCore
import NIOHTTP1

/// What a method and path ask for.
enum Endpoint: Sendable, Equatable {
    case health
    case readiness
    case models
    case model(String)
    case inference(APIOperation)
    /// `/api/*` and `/admin*` belong to the control plane.
    case controlPlane
    case methodNotAllowed(allowed: String)
    case unknown

    /// - Parameter target: the request target in origin form; a query is passed over.
    init(method: HTTPMethod, target: String) {
        let path = target.pathPart
        switch path {
        case "/v1/chat/completions": self = .post(.chat, method)
        case "/v1/responses": self = .post(.responses, method)
        case "/v1/embeddings": self = .post(.embeddings, method)
        case "/v1/models": self = .get(.models, method)
        case "/healthz": self = .get(.health, method)
        case "/readyz": self = .get(.readiness, method)
        case _ where path.hasPrefix("/v1/models/"):
            let name = path.dropFirst("/v1/models/".count)
            // Ids may hold slashes, as they are or as %2F; an id that is not UTF-8 cannot be that of a model.
            guard !name.isEmpty, let id = String(name).removingPercentEncoding else { self = .unknown; return }
            self = .get(.model(id), method)
        case "/api": self = .controlPlane
        case _ where path.hasPrefix("/api/") || path.hasPrefix("/admin"): self = .controlPlane
        default: self = .unknown
        }
    }

    private static func post(_ operation: APIOperation, _ method: HTTPMethod) -> Endpoint {
        method == .POST ? .inference(operation) : .methodNotAllowed(allowed: "POST")
    }

    private static func get(_ endpoint: Endpoint, _ method: HTTPMethod) -> Endpoint {
        // HEAD is GET without the body (RFC 9110, section 9.3.2); some load balancers probe with it.
        method == .GET || method == .HEAD ? endpoint : .methodNotAllowed(allowed: "GET")
    }

    /// The error of an endpoint that is none, before anybody is asked for a key.
    func refusal(method: HTTPMethod) -> GatewayError? {
        switch self {
        case .unknown: .client(.notFound, "There is no such endpoint. docs/api.md lists those that there are.")
        case .methodNotAllowed(let allowed):
            .client(.methodNotAllowed, "\(method.rawValue) is not allowed here; use \(allowed).")
        case .controlPlane:
            GatewayError(
                .notReady, "The control plane is not part of this release yet.", source: .gateway)
        case .health, .readiness, .models, .model, .inference: nil
        }
    }
}
