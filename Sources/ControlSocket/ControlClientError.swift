import Glibc
import NIOCore

/// Why there is no reply from a running gateway.
public enum ControlClientError: Error, Sendable, Hashable {
    /// No gateway listens on the socket: it does not exist, or the process that made it has ended.
    case notListening
    /// This user may not use the socket.
    case notPermitted
    /// The gateway did not reply in time. It may or may not have executed the command.
    case timeout
    /// The gateway closed the connection without a reply. It may or may not have executed the command.
    case noReply
    /// The reply does not follow this protocol.
    case invalidReply
    /// The operating system returned an error; the text is its message.
    case failed(String)

    init(_ error: IOError) {
        switch error.errnoCode {
        case ENOENT, ECONNREFUSED: self = .notListening
        case EACCES, EPERM: self = .notPermitted
        case EPIPE, ECONNRESET: self = .noReply
        default: self = .failed(String(cString: strerror(error.errnoCode)))
        }
    }

    /// One line for the operator at the terminal.
    public var message: String {
        switch self {
        case .notListening: "No gateway is running here."
        case .notPermitted: "Only the gateway's own user and root may use its control socket."
        case .timeout: "The running gateway did not reply in time; the command may or may not have been executed."
        case .noReply: "The running gateway closed the connection; the command may or may not have been executed."
        case .invalidReply:
            "The running gateway's reply cannot be read. Use the same version of the gateway for the command."
        case .failed(let reason): "The running gateway cannot be reached: \(reason)."
        }
    }
}

extension ControlClientError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
