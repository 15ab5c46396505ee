import ControlSocket
import DataPlane
import GatewayCore
import Routing
import Store

/// The commands that a running gateway takes over its control socket.
enum ControlCommands {
    static let reloadName = "reload"
    private static let revokeName = "keys.revoke"
    private static let explainName = "explain"

    /// The key that is asked about is not there, or is not one.
    static let noSuchKeyCode = "not_found"

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

    static func noSuchKey(_ publicID: String) -> ControlError {
        ControlError(
            code: noSuchKeyCode,
            message: "There is no key with the public id \(publicID); `gateway keys list` shows those that there are.")
    }

    /// Carries out `request`. When it is answered, the change is in force in this gateway.
    static func handle(
        _ request: ControlRequest, store: GatewayStore, dataPlane: DataPlaneServer, runtime: GatewayRuntime
    ) async throws -> ControlReply {
        do {
            switch request.command {
            case reloadName: return try await reload(runtime)
            case revokeName: return try await revoke(request, store.keys, dataPlane)
            case explainName: return try await explain(request, store, dataPlane)
            default:
                throw ControlError(
                    code: "unknown_command", message: "The running gateway does not know \(request.command).")
            }
        } catch let error as StoreError {
            // The log shows it, with what the operator can do.
            throw OperatorMessage(error)
        }
    }

    private static func reload(_ runtime: GatewayRuntime) async throws -> ControlReply {
        do {
            return .success(try ControlValue(encoding: try await runtime.reload()))
        } catch let error as CancellationError {
            throw error
        } catch {
            let failure = CommandFailure(error)
            throw ControlError(
                code: "reload_failed", message: "\(failure.message)\nNothing was changed.")
        }
    }

    private static func explain(
        _ request: ControlRequest, _ store: GatewayStore, _ dataPlane: DataPlaneServer
    ) async throws -> ControlReply {
        guard let key = request.arguments["key"]?.string, let model = request.arguments["model"]?.string,
            let operation = request.arguments["operation"]?.string.flatMap(APIOperation.init),
            case .array(let names) = request.arguments["required"]
        else {
            throw ControlError(
                code: "invalid_request", message: "explain needs `key`, `operation`, `model` and `required`.")
        }
        let modelRequest = ModelRequest(
            operation: operation, model: model,
            required: CapabilitySet(names.compactMap { $0.string.flatMap(Capability.init) }),
            previousResponseID: request.arguments["previous_response_id"]?.string)
        do {
            let explanation = dataPlane.explain(try await ExplainRequest.look(up: key, modelRequest, in: store))
            return .success(try ControlValue(encoding: explanation))
        } catch let failure as CommandFailure {
            throw ControlError(code: noSuchKeyCode, message: failure.message)
        }
    }

    private static func revoke(
        _ request: ControlRequest, _ keys: KeyStore, _ dataPlane: DataPlaneServer
    ) async throws -> ControlReply {
        guard let publicID = request.arguments["public_id"]?.string else {
            throw ControlError(code: "invalid_request", message: "keys.revoke needs `public_id`.")
        }
        let actor = AuditActor(kind: .command, name: request.arguments["actor"]?.string ?? "unknown")
        guard let record = try await keys.revoke(publicID: publicID, actor: actor) else { throw noSuchKey(publicID) }
        await dataPlane.invalidateKeys()
        return .success(try ControlValue(encoding: KeyView(record)))
    }
}
