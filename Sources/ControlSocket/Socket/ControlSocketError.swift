/// Why the control socket cannot be created.
public enum ControlSocketError: Error, Sendable, Hashable {
    /// The path exceeds the length of a socket's address; the limit is in bytes.
    case pathTooLong(path: String, limit: Int)
    /// Another gateway is listening on the socket.
    case alreadyInUse(path: String)
    /// A file that is not a socket has that name; it is not changed.
    case notASocket(path: String)
    /// The operating system refused; `reason` is its message.
    case failed(path: String, reason: String)

    /// One line for the operator.
    public var message: String {
        switch self {
        case .pathTooLong(let path, let limit):
            "The control socket's path \(path) is longer than the \(limit) bytes that a socket may have."
        case .alreadyInUse(let path): "Another gateway is running with the control socket \(path)."
        case .notASocket(let path): "The control socket cannot be created: \(path) exists and is not a socket."
        case .failed(let path, let reason): "The control socket \(path) cannot be created: \(reason)."
        }
    }

    /// What the operator can do about it.
    public var hint: String {
        switch self {
        case .pathTooLong, .notASocket, .failed: "Set `server.control_socket` in gateway.yaml to another path."
        case .alreadyInUse: "Stop the other gateway, or give this one another `server.control_socket`."
        }
    }
}

extension ControlSocketError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String { "\(message) \(hint)" }
}
