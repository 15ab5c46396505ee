import Foundation
import GatewayCore
import NIOHTTP1
import WireFormats

/// What a method and path ask for.
enum Endpoint: Sendable, Equatable {
    case health
    case readiness
    case models
    case model(String)
    case inference(APIOperation)
    /// `/api/*` and `/admin*` belong to the control plane.
    case controlPlane
    /// With the operation that another method would ask for.
    case methodNotAllowed(allowed: String, APIOperation?)
    /// With the operation below whose path it is.
    case unknown(APIOperation?)

    /// The paths of `APIOperation.allCases`.
    private static let operations = APIOperation.allCases.map { (path: "/v1" + $0.family.path, operation: $0) }

    /// - Parameter target: the request target in origin form; a query is passed over.
    init(method: HTTPMethod, target: String) {
        let path = target.pathPart
        switch path {
        case "/v1/models": self = .get(.models, method)
        case "/healthz": self = .get(.health, method)
        case "/readyz": self = .get(.readiness, method)
        case _ where path.hasPrefix("/v1/models/"):
            let name = path.dropFirst("/v1/models/".count)
            // Ids may hold slashes, as they are or as %2F; an id that is not UTF-8 cannot be that of a model.
            guard !name.isEmpty, let id = String(name).removingPercentEncoding else { self = .unknown(nil); return }
            self = .get(.model(id), method)
        case "/api": self = .controlPlane
        case _ where path.hasPrefix("/api/") || path.hasPrefix("/admin"): self = .controlPlane
        default: self = .inference(path, method)
        }
    }

    private static func inference(_ path: String, _ method: HTTPMethod) -> Endpoint {
        if let operation = operations.first(where: { $0.path == path })?.operation {
            return method == .POST ? .inference(operation) : .methodNotAllowed(allowed: "POST", operation)
        }
        return .unknown(operations.first { path.hasPrefix($0.path + "/") }?.operation)
    }

    private static func get(_ endpoint: Endpoint, _ method: HTTPMethod) -> Endpoint {
        // HEAD is GET without the body (RFC 9110, section 9.3.2); some load balancers probe with it.
        method == .GET || method == .HEAD ? endpoint : .methodNotAllowed(allowed: "GET", nil)
    }

    /// The family that its errors have the shape of, from the first refusal on. What belongs to no family has chat's.
    var family: any APIFamily.Type {
        switch self {
        case .inference(let operation): operation.family
        case .methodNotAllowed(_, let operation), .unknown(let operation): (operation ?? .chat).family
        case .health, .readiness, .models, .model, .controlPlane: APIOperation.chat.family
        }
    }

    /// The error of an endpoint that does not exist, before a key is asked for.
    func refusal(method: HTTPMethod) -> GatewayError? {
        switch self {
        case .unknown: .client(.notFound, "There is no such endpoint. docs/api.md lists those that there are.")
        case .methodNotAllowed(let allowed, _):
            .client(.methodNotAllowed, "\(method.rawValue) is not allowed here; use \(allowed).")
        case .controlPlane:
            GatewayError(
                .notReady, "The control plane is not part of this release yet.", source: .gateway)
        case .health, .readiness, .models, .model, .inference: nil
        }
    }
}
