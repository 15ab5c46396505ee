/// Why the gateway refused or failed a command. A handler that throws one has it sent as it is.
public struct ControlError: Error, Sendable, Hashable, Codable {
    /// For programs: lower-case words with underscores.
    public let code: String
    /// One line for the person at the terminal.
    public let message: String

    /// A refusal to be sent.
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
    static let timeout = ControlError(code: "timeout", message: "The request was not complete or not answered in time.")
    static let forbidden = ControlError(
        code: "forbidden", message: "Only the gateway's own user and root may use the control socket.")
    static let internalError = ControlError(
        code: "internal_error", message: "The command failed in the running gateway; its log says why.")
}
