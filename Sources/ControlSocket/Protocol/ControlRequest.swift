/// A command to the running gateway: `{"v":1,"command":"keys.revoke","arguments":{…}}`.
public struct ControlRequest: Sendable, Hashable {
    /// The protocol version of this code; it changes when an older peer could misunderstand a message.
    public static let version = 1

    /// Dotted words, such as `keys.revoke`.
    public let command: String
    /// The arguments of the command, by name.
    public let arguments: [String: ControlValue]

    /// A request of this protocol version.
    public init(command: String, arguments: [String: ControlValue] = [:]) {
        self.command = command
        self.arguments = arguments
    }
}

extension ControlRequest: Codable {
    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case command, arguments
    }

    /// Checks the version before anything else; another version throws `ControlError.unsupportedVersion`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .version)
        guard version == Self.version else { throw ControlError.unsupportedVersion(version) }
        command = try container.decode(String.self, forKey: .command)
        arguments = try container.decodeIfPresent([String: ControlValue].self, forKey: .arguments) ?? [:]
    }

    /// Writes the version with the other fields.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.version, forKey: .version)
        try container.encode(command, forKey: .command)
        try container.encode(arguments, forKey: .arguments)
    }
}
