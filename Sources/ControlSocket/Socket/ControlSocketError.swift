/// Why the control socket cannot be made.
public enum ControlSocketError: Error, Sendable, Hashable {
    /// The path is longer than a socket's address may be; the limit is in bytes.
    case pathTooLong(path: String, limit: Int)
    /// Another gateway is listening there.
    case alreadyInUse(path: String)
    /// Something else than a socket has that name; it is left alone.
    case notASocket(path: String)
    /// The operating system refused; `reason` is its own text.
    case failed(path: String, reason: String)

    /// One line for the operator.
    public var message: String {
        switch self {
        case .pathTooLong(let path, let limit):
            "The control socket's path \(path) is longer than the \(limit) bytes that a socket may have."
        case .alreadyInUse(let path): "Another gateway is running with the control socket \(path)."
        case .notASocket(let path): "The control socket cannot be made: \(path) exists and is not a socket."
        case .failed(let path, let reason): "The control socket \(path) cannot be made: \(reason)."
        }
    }

    /// What the operator can do about it.
    public var hint: String {
        switch self {
        case .pathTooLong, .notASocket, .failed: "Set `server.control_socket` in gateway.yaml to another path."
        case .alreadyInUse: "Stop the other gateway, or give this one a `server.control_socket` of its own."
        }
    }
}

extension ControlSocketError: CustomStringConvertible {
    /// The message, then the hint.
    public var description: String { "\(message) \(hint)" }
}
