import ControlSocket
import DataPlane
import Database
import GatewayConfig
import Operations
import Provisioning
import Store

/// Why a command ends without having done what it should: one readable line, a hint, and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
    /// The exit codes, as `gateway --help` lists them.
    enum Code: Int32 {
        case checkFailed = 1
        case usage = 2
        case configuration = 3
        case database = 4
        case resetRequired = 5
    }

    let code: Code
    /// What is wrong, and what to do about it on a line of its own.
    let message: String

    init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message + (hint.map { "\nhint: \($0)" } ?? "")
    }

    var description: String { "error: \(message)" }

    /// The failure that any other error amounts to.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as ConfigurationError: self.init(.configuration, "\(error)")
        case let error as SeedError: self.init(.configuration, OperatorMessage(error))
        case let error as StoreError: self.init(Self.code(of: error), OperatorMessage(error))
        case let error as DatabaseError where error.concernsValue: self.init(.usage, OperatorMessage(error))
        case let error as DatabaseError: self.init(.database, OperatorMessage(error))
        case MigrationError.resetRequired: self.init(.resetRequired, OperatorMessage(error))
        case let error as MigrationError: self.init(.database, OperatorMessage(error))
        case let error as KeyServiceError: self.init(.usage, OperatorMessage(error))
        case let error as SpendReportError: self.init(.usage, OperatorMessage(error))
        case DatabaseStartupError.noURL: self.init(.configuration, OperatorMessage(error))
        case let error as DatabaseStartupError: self.init(.database, OperatorMessage(error))
        case let error as ControlError where error.code == ControlError.usageCode: self.init(.usage, error.message)
        case let error as ControlError: self.init(.checkFailed, error.message)
        case let error as ControlClientError: self.init(.checkFailed, error.message)
        case let error as ControlSocketError: self.init(.checkFailed, "\(error)")
        case let error as BindFailure: self.init(.checkFailed, error.description, hint: error.hint)
        default: self.init(.checkFailed, "\(error)")
        }
    }

    private init(_ code: Code, _ message: OperatorMessage) {
        self.init(code, message.message, hint: message.hint)
    }

    private static func code(of error: StoreError) -> Code {
        switch error {
        case .database: error.concernsValue ? .usage : .database
        // Only the file asks for these.
        case .authModeFixed, .noSuchTeam, .duplicateName, .duplicateBudget: .configuration
        // What was asked for does not fit what is there.
        case .noSuchOwner, .duplicatePublicID, .duplicateTeam, .duplicateUser, .stale: .usage
        }
    }
}
