import ControlSocket
import Database
import GatewayCore
import Operations
import Routing
import Store

/// The commands that a running gateway takes over its control socket: decodes each, calls its service, encodes the
/// result.
struct ControlCommands: Sendable {
    let configuration: ConfigurationService
    let keys: KeyService
    let explain: ExplainService
    let priceSource: any PriceListSource

    /// Carries out `request`. When it is answered, the change is in effect in this gateway.
    func handle(_ request: ControlRequest) async throws -> ControlReply {
        do {
            switch request.command {
            case ControlRequest.reloadName: return try await reload()
            case ControlRequest.revokeName: return try await revoke(request)
            case ControlRequest.explainName: return try await explain(request)
            case ControlRequest.refreshPricesName: return try await refreshPrices()
            default:
                throw ControlError(
                    code: "unknown_command", message: "The running gateway does not know \(request.command).")
            }
        } catch let error as KeyServiceError {
            throw ControlError(code: ControlError.usageCode, message: CommandFailure(error).message)
        } catch let error as StoreError where error.concernsValue {
            throw ControlError(code: ControlError.usageCode, message: CommandFailure(error).message)
        } catch let error as StoreError {
            // The log shows it, with what the operator can do.
            throw OperatorMessage(error)
        }
    }

    private func reload() async throws -> ControlReply {
        do {
            return .success(try ControlValue(encoding: ReloadView(try await configuration.reload())))
        } catch let error as CancellationError {
            throw error
        } catch let error as ChangeTimeout {
            throw ControlError(code: "reload_failed", message: "\(error)")
        } catch let error as StoreError where error.mayHaveChanged {
            throw ControlError(code: "reload_failed", message: CommandFailure(error).message)
        } catch {
            throw ControlError(
                code: "reload_failed", message: "\(CommandFailure(error).message)\nNothing was changed.")
        }
    }

    private func refreshPrices() async throws -> ControlReply {
        do {
            let result = try await configuration.refreshPrices(from: priceSource, ifOlderThan: nil)
            return .success(try ControlValue(encoding: PriceRefreshView(result, source: priceSource.name)))
        } catch let error as PriceRefreshError {
            throw ControlError(code: "refresh_failed", message: "\(error)")
        }
    }

    private func revoke(_ request: ControlRequest) async throws -> ControlReply {
        guard let publicID = request.arguments["public_id"]?.string else {
            throw ControlError(code: "invalid_request", message: "keys.revoke needs `public_id`.")
        }
        let actor = AuditActor(kind: .command, name: request.arguments["actor"]?.string ?? "unknown")
        return .success(try ControlValue(encoding: KeyView(try await keys.revoke(publicID: publicID, actor: actor))))
    }

    private func explain(_ request: ControlRequest) async throws -> ControlReply {
        guard let key = request.arguments["key"]?.string, let model = ModelRequest(request) else {
            throw ControlError(
                code: "invalid_request", message: "explain needs `key`, `operation`, `model` and `required`.")
        }
        return .success(try ControlValue(encoding: try await explain.explain(model, key: key)))
    }
}

extension StoreError {
    /// Whether the connection was lost during the commit.
    fileprivate var mayHaveChanged: Bool {
        if case .database(.outcomeUnknown) = self { true } else { false }
    }
}
