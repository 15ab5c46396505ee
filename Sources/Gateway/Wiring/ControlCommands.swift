import ControlSocket
import DataPlane
import GatewayCore
import Store

/// The commands that a running gateway takes over its control socket.
enum ControlCommands {
    private static let revokeName = "keys.revoke"

    static func revoke(publicID: String, actor: Actor) -> ControlRequest {
        ControlRequest(
            command: revokeName, arguments: ["public_id": .string(publicID), "actor": .string(actor.name)])
    }

    static func noSuchKey(_ publicID: String) -> ControlError {
        ControlError(
            code: "not_found",
            message: "There is no key with the public id \(publicID); `gateway keys list` shows those that there are.")
    }

    /// Carries out `request`. When a revocation is answered, no request with the key is let in any more.
    static func handle(
        _ request: ControlRequest, keys: KeyStore, dataPlane: DataPlaneServer
    ) async throws -> ControlReply {
        guard request.command == revokeName else {
            throw ControlError(
                code: "unknown_command", message: "The running gateway does not know \(request.command).")
        }
        guard let publicID = request.arguments["public_id"]?.string else {
            throw ControlError(code: "invalid_request", message: "keys.revoke needs `public_id`.")
        }
        let actor = Actor(kind: .command, name: request.arguments["actor"]?.string ?? "unknown")
        guard let record = try await keys.revoke(publicID: publicID, actor: actor) else { throw noSuchKey(publicID) }
        await dataPlane.forgetKeys()
        return .success(try ControlValue(encoding: KeyView(record)))
    }
}
