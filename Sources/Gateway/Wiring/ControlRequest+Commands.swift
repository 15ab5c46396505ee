import ControlSocket
import GatewayCore
import Routing

extension ControlRequest {
    static let reloadName = "reload"
    static let revokeName = "keys.revoke"
    static let explainName = "explain"
    static let refreshPricesName = "prices.refresh"

    static let reload = ControlRequest(command: reloadName)
    static let refreshPrices = ControlRequest(command: refreshPricesName)

    static func revoke(publicID: String, actor: AuditActor) -> ControlRequest {
        ControlRequest(
            command: revokeName, arguments: ["public_id": .string(publicID), "actor": .string(actor.name)])
    }

    static func explain(key: String, _ request: ModelRequest) -> ControlRequest {
        var arguments: [String: ControlValue] = [
            "key": .string(key), "operation": .string(request.operation.rawValue), "model": .string(request.model),
            "required": .array(request.required.members.map { .string($0.rawValue) }),
        ]
        arguments["previous_response_id"] = request.previousResponseID.map(ControlValue.string)
        return ControlRequest(command: explainName, arguments: arguments)
    }
}

extension ControlError {
    /// The arguments do not fit the stored data, such as a key that does not exist.
    static let usageCode = "usage"
}

extension ModelRequest {
    /// What `ControlRequest.explain` asks about; nil if an argument is missing.
    init?(_ request: ControlRequest) {
        guard let model = request.arguments["model"]?.string,
            let operation = request.arguments["operation"]?.string.flatMap(APIOperation.init),
            case .array(let names) = request.arguments["required"]
        else { return nil }
        self.init(
            operation: operation, model: model,
            required: CapabilitySet(names.compactMap { $0.string.flatMap(Capability.init) }),
            previousResponseID: request.arguments["previous_response_id"]?.string)
    }
}
