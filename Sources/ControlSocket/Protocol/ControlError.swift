/// Why the gateway refused a command, or failed to execute it. The server sends an error that a handler throws
/// unchanged.
public struct ControlError: Error, Sendable, Hashable, Codable {
    /// For programs: lower-case words with underscores.
    public let code: String
    /// One line for the operator at the terminal.
    public let message: String

    /// An error to send.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    static func unsupportedVersion(_ version: Int) -> ControlError {
        ControlError(
            code: "unsupported_version",
            message: "The running gateway speaks version \(ControlRequest.version) of the control protocol, "
                + "not \(version). Use the same version of the gateway for the command.")
    }

    static let invalidRequest = ControlError(
        code: "invalid_request", message: "The request is not a line of JSON with `v`, `command` and `arguments`.")
    static let requestTooLarge = ControlError(
        code: "request_too_large", message: "The request is longer than \(ControlLineDecoder.maximumLength) bytes.")
    static let timeout = ControlError(code: "timeout", message: "The request was incomplete, or took too long.")
    static let forbidden = ControlError(
        code: "forbidden", message: "Only the gateway's own user and root may use the control socket.")
    static let internalError = ControlError(
        code: "internal_error", message: "The command failed in the running gateway; its log says why.")
}
