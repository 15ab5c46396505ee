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
    /// `/api/*` and `/admin*` belong to the control plane.
    case controlPlane
    /// With the operation of the allowed method.
    case methodNotAllowed(allowed: String, APIOperation?)
    /// With the operation of the longer path.
    case unknown(APIOperation?)

    /// The paths of `APIOperation.allCases`.
    private static let operations = APIOperation.allCases.map { (path: "/v1" + $0.family.path, operation: $0) }

    /// - Parameter target: the request target in origin form; a query is ignored.
    init(method: HTTPMethod, target: String) {
        let path = target.pathPart
        switch path {
        case "/v1/models": self = .get(.models, method)
        case "/healthz": self = .get(.health, method)
        case "/readyz": self = .get(.readiness, method)
        case _ where path.hasPrefix("/v1/models/"):
            let name = path.dropFirst("/v1/models/".count)
            // Ids may contain slashes, plain or as %2F; an id that is not UTF-8 is not a model's.
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

    /// The family whose shape its errors have, from the first refusal on. Endpoints without a family use chat's.
    var family: any APIFamily.Type {
        switch self {
        case .inference(let operation): operation.family
        case .methodNotAllowed(_, let operation), .unknown(let operation): (operation ?? .chat).family
        case .health, .readiness, .models, .model, .controlPlane: APIOperation.chat.family
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
        case .health, .readiness, .models, .model, .inference: nil
        }
    }
}
