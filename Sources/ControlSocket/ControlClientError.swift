import Glibc
import NIOCore

/// Why there is no reply from a running gateway.
public enum ControlClientError: Error, Sendable, Hashable {
    /// No gateway listens there: there is no socket, or the one who made it is gone.
    case notListening
    /// This user may not use the socket.
    case notPermitted
    /// The gateway did not reply in time. It may or may not have done what was asked.
    case timeout
    /// The gateway closed the connection without a reply. It may or may not have done what was asked.
    case noReply
    /// The reply is not of this protocol.
    case invalidReply
    /// The operating system failed; the text is its own.
    case failed(String)

    init(_ error: IOError) {
        switch error.errnoCode {
        case ENOENT, ECONNREFUSED: self = .notListening
        case EACCES, EPERM: self = .notPermitted
        case EPIPE, ECONNRESET: self = .noReply
        default: self = .failed(String(cString: strerror(error.errnoCode)))
        }
    }

    /// One line for the person at the terminal.
    public var message: String {
        switch self {
        case .notListening: "No gateway is running here."
        case .notPermitted: "Only the gateway's own user and root may use its control socket."
        case .timeout: "The running gateway did not reply in time; the command may or may not have been carried out."
        case .noReply: "The running gateway closed the connection; the command may or may not have been carried out."
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
